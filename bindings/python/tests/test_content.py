import datetime as dt
import hashlib

import pytest

import leat

DEFINITIONS = """
leat: 1
app: content
language: en
---
roles: {clerk: Clerk}
---
entity: contact
display: name
fields:
  name: {type: string}
  phone: {type: string, format: phone}
  photo: {type: file}
duplicates: [{match: [phone], id: same phone}, {match: [name], similarity: 0.5}]
access: {clerk: {read: true, fields: {photo: none}}}
"""


@pytest.fixture(params=["store", "folder"])
def engine(request, tmp_path):
    folder = tmp_path / "files" if request.param == "folder" else ""
    with leat.Engine(leat.load(text=DEFINITIONS), files_folder=folder) as engine:
        yield engine


def test_files(engine):
    content = b"\x00\xff%PDF" + "报价单".encode()
    with engine.session() as system:
        photo = system.put_file(content, name="报价单.pdf")
        assert photo == hashlib.sha256(content).hexdigest() + "/报价单.pdf"
        key = system.create("contact", name="Li", photo=photo).key
        assert system.show("contact", key)["photo"] == photo
        assert system.get_file("contact", key, photo) == content
        system.create("user", key="ann", name="Ann", roles=["clerk"])
        with pytest.raises(leat.NotFoundError):
            system.get_file("contact", key, "0" * 64)
        system.put_file(b"forgotten")
        assert engine.drop_unused_files() == 0
        assert engine.drop_unused_files(dt.timedelta(0)) in (0, 1)
        assert not system.patch("contact", key, photo="a" * 64)
    with engine.session("ann") as ann, pytest.raises(leat.NotFoundError):
        ann.get_file("contact", key, photo)


def test_duplicates_and_merge(engine):
    with engine.session() as system:
        first = system.create("contact", name="上海东方贸易有限公司", phone="021 5888 1234").key
        second = system.create("contact", name="上海东方贸易公司", phone="+86 21 58881234").key
        (found,) = system.duplicates("contact", first)
        assert found["key"] == second and found["id"] == "same phone" and found["similarity"] == 1
        (found,) = system.duplicates("contact", {"name": "上海东方贸易公司"}, limit=1)
        assert found["key"] == second and found["display"] == "上海东方贸易公司"
        outcome = system.merge("contact", first, second, take=["name"])
        assert outcome and outcome.key == first
        assert system.show("contact", first)["name"] == "上海东方贸易公司"
        assert system.duplicates("contact", first) == []
        with pytest.raises(leat.UsageError, match="itself"):
            system.merge("contact", first, first)
