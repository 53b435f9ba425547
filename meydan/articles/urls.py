"""The addresses of articles."""

from django.urls import path

from meydan.articles import api
from meydan.articles.pages import feed, forms, reading

app_name = "articles"
urlpatterns = [
    path("articles/", reading.index, name="list"),
    path("articles/feed.atom", feed.feed, name="feed"),
    path("articles/new", forms.new, name="new"),
    path("articles/mine", reading.mine, name="mine"),
    path("articles/pictures/<int:number>/<str:variant>", reading.picture, name="picture"),
    path("articles/<str:slug>", reading.show, name="show"),
    path("articles/<str:slug>/card.png", reading.card, name="card"),
    path("articles/<str:slug>/edit", forms.edit, name="edit"),
    path("articles/<str:slug>/revisions", reading.revisions, name="revisions"),
    path("articles/<str:slug>/pictures/remove", forms.remove_picture, name="remove_picture"),
    path("articles/<str:slug>/take-back", forms.take_back, name="take_back"),
    path("articles/<str:slug>/withdraw", forms.withdraw, name="withdraw"),
    path("api/articles", api.articles, name="api_list"),
    path("api/articles/<str:slug>", api.article, name="api_show"),
]
