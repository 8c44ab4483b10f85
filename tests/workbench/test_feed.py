from sandbox.workbench.feed import Feed


def test_only_what_changed_is_told_again() -> None:
    feed: Feed[str] = Feed()
    assert feed.update({"a": "one", "b": "two"})
    first = feed.since(0)
    assert sorted(first.changed) == ["one", "two"]
    assert feed.update({"a": "one", "b": "three"})
    assert feed.since(first.revision).changed == ["three"]


def test_what_is_gone_is_told_by_its_key() -> None:
    feed: Feed[str] = Feed()
    feed.update({"a": "one"})
    seen = feed.since(0).revision
    feed.update({})
    assert feed.since(seen).gone == ["a"]


def test_nothing_new_is_no_change() -> None:
    feed: Feed[str] = Feed()
    feed.update({"a": "one"})
    assert not feed.update({"a": "one"})
    assert feed.since(feed.since(0).revision).changed == []
