"""Local stand-in, never committed."""
import json, tomllib
from pathlib import Path
from meydan.accounts.public import keep_department, open_demo_accounts, publish_charter
from meydan.kernel.actor import SYSTEM
from meydan.kernel.places import upsert_districts
from meydan.reports.actions import set_category
CITIES = Path(__file__).resolve().parents[2] / "cities"
def _icon(name):
    import lucide
    try:
        lucide._load_icon(name)
    except Exception:
        print("no icon", name)
        return "construction"
    return name
def seed(city, demo=True):
    upsert_districts(json.loads((CITIES / city / "districts.geojson").read_text()))
    pack = tomllib.loads((CITIES / "common" / "departments.toml").read_text())
    for d in pack["department"]:
        keep_department(SYSTEM, code=d["code"], name=d["name"])
    pack = tomllib.loads((CITIES / "common" / "categories.toml").read_text())
    groups = {g["code"]: g["name"] for g in pack["group"]}
    for i, c in enumerate(pack["category"]):
        set_category(SYSTEM, order=i, **{**c, "group": groups[c["group"]], "icon": _icon(c["icon"])})
    publish_charter(SYSTEM, version="1", text={l: (CITIES / "common" / f"charter.{l}.md").read_text() for l in "ar en fr fa tg".split()})
    if demo:
        open_demo_accounts(officer_department="roads")
