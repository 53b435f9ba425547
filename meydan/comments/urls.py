"""The addresses of comments."""

from django.urls import path

from meydan.comments import api, pages

app_name = "comments"
urlpatterns = [
    path("comments/", pages.thread, name="thread"),
    path("comments/write", pages.write, name="write"),
    path("comments/rate", pages.rate, name="rate"),
    path("comments/<int:key>", pages.comment, name="comment"),
    path("comments/<int:key>/edit", pages.edit, name="edit"),
    path("comments/<int:key>/helpful", pages.helpful, name="helpful"),
    path("api/comments", api.comments, name="api_comments"),
    path("api/ratings", api.ratings, name="api_ratings"),
]
