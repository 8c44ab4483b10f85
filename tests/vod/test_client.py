from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from sandbox.vod import FaultKind, SnapshotKind, VodSandbox, seed
from tests.vod.hostile import HostileServer, Script, http_json
from vod import (
    AccessKey,
    Advice,
    Ambiguous,
    Denied,
    Endpoint,
    IllegalStatus,
    ImageKind,
    NotFound,
    Throttled,
    VodClient,
    VodError,
    image_is_served,
)

GONE = "0123456789abcdef0123456789abcdef"
ID, JOB = "93ab850b4f6f44eab54b6e91d24d81d4", "fd1c76fc806b4194405528706d290000"
Calls = list[tuple[str, Callable[[VodClient, list[str]], object]]]
BY_LIST: Calls = [
    ("get_media", lambda client, ids: client.get_media(ids)),
    ("get_videos", lambda client, ids: client.get_videos(ids)),
    ("get_images", lambda client, ids: client.get_images(ids)),
    ("delete_videos", lambda client, ids: client.delete_videos(ids)),
    ("delete_streams", lambda client, ids: client.delete_streams(ID, ids)),
    ("delete_mezzanines", lambda client, ids: client.delete_mezzanines(ids, force=False)),
    ("delete_images", lambda client, ids: client.delete_images(ids)),
]
BY_ID: Calls = [
    ("get_streams", lambda client, ids: client.get_streams(ids[0])),
    ("get_source", lambda client, ids: client.get_source(ids[0])),
    ("list_snapshots", lambda client, ids: client.list_snapshots(ids[0], ImageKind.COVER)),
    ("delete_streams", lambda client, ids: client.delete_streams(ids[0], [JOB])),
    ("delete_video_images", lambda client, ids: client.delete_video_images(ids[0], [ImageKind.ALL])),
]


@pytest.fixture
def sandbox() -> Iterator[VodSandbox]:
    with VodSandbox.start() as running:
        running.quotas.update(dict.fromkeys(running.quotas, None))
        yield running
        assert running.unknown_calls == ()


@pytest.fixture
def client(sandbox: VodSandbox) -> Iterator[VodClient]:
    key = AccessKey(sandbox.access_key_id, sandbox.access_key_secret)
    with VodClient(key, Endpoint(sandbox.region, sandbox.url)) as running:
        yield running


def some_ids(sandbox: VodSandbox, number: int) -> list[str]:
    tidy = [video for video in sandbox.library.videos() if not video.forbidden and video.status == "Normal"]
    return [video.video_id for video in tidy[:number]]


def test_everything_about_a_video_comes_in_one_answer(sandbox: VodSandbox, client: VodClient) -> None:
    asked = [seed.SPRING_TEASER.video_id, seed.FORBIDDEN.video_id, GONE]
    answer = client.get_media(asked)
    truth = sandbox.library.video(asked[0])
    assert truth is not None
    media = answer.found[asked[0]]
    assert (media.video.title, media.video.status) == ("Spring launch teaser", "Normal")
    assert (media.video.size, media.video.created) == (truth.size, truth.created)
    assert media.video.duration_ms == round(truth.duration * 1000)
    assert (media.video.category, media.video.tags) == (truth.category, truth.tags)
    assert (media.video.storage_class, media.video.app_id) == (truth.storage_class, truth.app_id)
    assert media.video.cover_url == sandbox.url + truth.cover_path
    assert media.streams_known
    assert {stream.job_id: stream.size for stream in media.streams} == {
        one.job_id: one.size for one in truth.streams
    }
    assert media.source is not None
    assert (media.source.size, media.source.status) == (truth.size, "Normal")
    assert answer.missing == {GONE}
    assert answer.forbidden == {seed.FORBIDDEN.video_id}


def test_titles_arrive_as_they_are(client: VodClient) -> None:
    strange = [seed.MARKUP_TITLE, seed.BIDI_TITLE, seed.LONG_TITLE, seed.CHINESE_TEASER]
    found = client.get_videos([known.video_id for known in strange]).found
    assert [found[known.video_id].title for known in strange] == [known.title for known in strange]


def test_twenty_are_asked_for_at_once(sandbox: VodSandbox, client: VodClient) -> None:
    ids = some_ids(sandbox, 20)
    assert client.get_videos(ids).found.keys() == set(ids)
    assert client.get_media(ids).found.keys() == set(ids)


def test_where_nothing_exists_everything_is_missing(client: VodClient) -> None:
    assert client.get_videos([GONE]).missing == {GONE}
    assert client.get_media([GONE]).missing == {GONE}
    assert client.get_images([GONE]).missing == {GONE}
    assert client.get_videos([GONE]).found == {}


def test_a_404_for_all_of_them_reads_as_missing_too(
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    client = client_of(hostile(http_json(404, {"RequestId": "R", "Code": "NoSuchResource", "Message": ""})).url)
    assert client.get_images([ID]).missing == {ID}
    assert client.get_media([ID]).missing == {ID}
    assert client.get_videos([ID]).missing == {ID}


def test_old_and_encrypted_streams_are_listed_with_the_rest(sandbox: VodSandbox, client: VodClient) -> None:
    for known, oddity in ((seed.OLD_STREAMS, "Invisible"), (seed.ENCRYPTED, "encrypted")):
        truth = sandbox.library.video(known.video_id)
        assert truth is not None
        streams = client.get_streams(known.video_id)
        assert {one.job_id for one in streams} == {one.job_id for one in truth.streams}
        assert any(one.status == "Invisible" if oddity == "Invisible" else one.encrypted for one in streams)
        assert {one.duration_ms for one in streams} == {round(truth.duration * 1000)}


def test_streams_that_cannot_be_listed_say_why(client: VodClient) -> None:
    with pytest.raises(IllegalStatus):
        client.get_streams(seed.TRANSCODING.video_id)
    with pytest.raises(NotFound, match=r"InvalidVideo\.NoneStream"):
        client.get_streams(seed.NO_STREAMS.video_id)
    with pytest.raises(NotFound, match=r"InvalidVideo\.NotFound"):
        client.get_streams(GONE)


def test_a_source_is_read_and_its_absence_has_a_name(client: VodClient) -> None:
    source = client.get_source(seed.HUGE.video_id)
    assert (source.size, source.status) == (180_000_000_000, "Normal")
    assert source.file_url_path is not None
    assert source.file_url_path.startswith("/sources/")
    with pytest.raises(NotFound, match=r"InvalidFile\.NotFound"):
        client.get_source(seed.NO_SOURCE.video_id)
    with pytest.raises(NotFound, match=r"InvalidVideo\.NotFound"):
        client.get_source(GONE)


def test_images_are_read_with_their_files(sandbox: VodSandbox, client: VodClient) -> None:
    answer = client.get_images([seed.SPRING_POSTER.image_id, GONE])
    image = answer.found[seed.SPRING_POSTER.image_id]
    assert (image.title, image.image_type, image.status) == ("Spring launch poster", "default", "Normal")
    assert (image.size, image.width, image.height) == (204_800, 1200, 630)
    assert image.url == sandbox.url + seed.SPRING_POSTER.path
    assert answer.missing == {GONE}


@pytest.mark.parametrize("number", [1, 99, 100, 101, 250])
def test_snapshots_are_read_to_the_last_page(number: int, sandbox: VodSandbox, client: VodClient) -> None:
    video = sandbox.library.add_video(title="many", snapshots={SnapshotKind.NORMAL: number})
    answer = client.list_snapshots(video.video_id, ImageKind.NORMAL)
    assert (answer.kind, answer.total, len(answer.snapshots)) == (ImageKind.NORMAL, number, number)
    assert [one.index for one in answer.snapshots] == list(range(1, number + 1))
    with pytest.raises(NotFound):
        client.list_snapshots(video.video_id, ImageKind.SPRITE)


def test_snapshots_without_end_are_given_up_after_a_hundred_pages(
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    def page(_: dict[str, str]) -> Script:
        shots = {"Snapshot": [{"Index": 1, "Url": "u"}]}
        return http_json(200, {"RequestId": "R", "MediaSnapshot": {"Total": 10**9, "Snapshots": shots}})

    server = hostile(page)
    answer = client_of(server.url).list_snapshots(ID, ImageKind.COVER)
    assert (len(answer.snapshots), answer.total, len(server.requests)) == (100, 10**9, 100)


def test_a_page_that_is_empty_ends_the_reading(
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    empty = {"RequestId": "R", "MediaSnapshot": {"Total": 5, "Snapshots": {"Snapshot": []}}}
    answer = client_of(hostile(http_json(200, empty)).url).list_snapshots(ID, ImageKind.COVER)
    assert (answer.total, answer.snapshots) == (5, ())


def test_deleting_videos_tells_apart_gone_and_refused(sandbox: VodSandbox, client: VodClient) -> None:
    mine = some_ids(sandbox, 3)
    answer = client.delete_videos([*mine, GONE, seed.FORBIDDEN.video_id])
    assert answer.missing == {GONE}
    assert answer.refused == {seed.FORBIDDEN.video_id}
    assert len(answer.request_id) == 36
    assert client.get_videos(mine).missing == set(mine)
    with pytest.raises(NotFound):
        client.delete_videos(mine)


@pytest.mark.parametrize("quirk", [FaultKind.LIST_AS_STRING, FaultKind.LIST_NULL, FaultKind.LIST_MISSING])
def test_deleting_videos_reads_every_shape_of_lists(
    quirk: FaultKind, sandbox: VodSandbox, client: VodClient
) -> None:
    sandbox.faults.set(quirk)
    first, second = some_ids(sandbox, 2)
    answer = client.delete_videos([first, GONE, seed.FORBIDDEN.video_id])
    assert answer.missing == {GONE}
    assert answer.refused == {seed.FORBIDDEN.video_id}
    answer = client.delete_videos([second])
    assert (answer.missing, answer.refused) == (frozenset(), frozenset())


def test_deleting_streams_takes_those_and_no_others(sandbox: VodSandbox, client: VodClient) -> None:
    video_id = seed.OLD_STREAMS.video_id
    before = client.get_streams(video_id)
    old = [one.job_id for one in before if one.status == "Invisible"]
    answer = client.delete_streams(video_id, old)
    assert (answer.missing, answer.refused) == (frozenset(), frozenset())
    assert {one.job_id for one in client.get_streams(video_id)} == {one.job_id for one in before} - set(old)
    with pytest.raises(NotFound, match=r"InvalidStream\.NotFound"):
        client.delete_streams(video_id, old)
    assert sandbox.ledger.ids("DeleteStream") == old * 2


def test_deleting_sources_needs_force_where_they_are_played(sandbox: VodSandbox, client: VodClient) -> None:
    tidy, played = seed.SPRING_TEASER.video_id, seed.UNREMOVABLE.video_id
    answer = client.delete_mezzanines([tidy, played, GONE], force=False)
    assert answer.missing == {GONE}
    assert answer.refused == {played}
    assert client.get_source(tidy).status == "Deleted"
    assert client.get_source(tidy).file_url_path is None
    assert client.delete_mezzanines([played], force=True).refused == frozenset()
    assert client.get_source(played).status == "Deleted"
    assert [call.extras["Force"] for call in sandbox.ledger.calls("DeleteMezzanines")] == ["false", "true"]


def test_deleting_images_by_id(client: VodClient) -> None:
    asked = [seed.SPRING_POSTER.image_id, seed.SPRING_COVER.image_id]
    client.delete_images(asked)
    assert client.get_images(asked).missing == set(asked)
    with pytest.raises(NotFound, match="NoSuchResource"):
        client.delete_images(asked)


def test_deleting_images_by_address_even_with_a_comma_in_it(sandbox: VodSandbox, client: VodClient) -> None:
    known = [seed.COMMA_IMAGE.image_id, seed.SPRING_POSTER.image_id]
    urls = [image.url for image in client.get_images(known).found.values() if image.url]
    assert any("," in url for url in urls)
    domains = frozenset({sandbox.image_domain})
    assert [image_is_served(url, allowed_domains=domains, timeout_s=5) for url in urls] == [True, True]
    client.delete_image_urls(urls)
    assert client.get_images(known).missing == set(known)
    assert [image_is_served(url, allowed_domains=domains, timeout_s=5) for url in urls] == [False, False]
    assert sandbox.ledger.ids("DeleteImage") == urls


def test_deleting_a_videos_images_takes_the_kinds_named(sandbox: VodSandbox, client: VodClient) -> None:
    kinds = {SnapshotKind.NORMAL: 3, SnapshotKind.SPRITE: 2, SnapshotKind.SPRITE_ORIGIN: 2}
    video = sandbox.library.add_video(title="pictures", snapshots=kinds)
    client.delete_video_images(video.video_id, [ImageKind.NORMAL, ImageKind.SPRITE])
    left = sandbox.library.video(video.video_id)
    assert left is not None
    assert left.snapshots == {SnapshotKind.SPRITE_ORIGIN: 2}
    assert replace(left, snapshots=video.snapshots, modified=video.modified) == video
    client.delete_video_images(video.video_id, [ImageKind.ALL])
    for kind in ImageKind:
        if kind is not ImageKind.ALL:
            with pytest.raises(NotFound):
                client.list_snapshots(video.video_id, kind)


SANDBOX_FAULTS: list[tuple[FaultKind, type[VodError], bool]] = [
    (FaultKind.THROTTLE, Throttled, False),
    (FaultKind.FORBIDDEN_RAM, Denied, False),
    (FaultKind.SUSPENDED, Denied, False),
    (FaultKind.UNAVAILABLE, Ambiguous, False),
    (FaultKind.INTERNAL, Ambiguous, False),
    (FaultKind.RESET_BEFORE, Ambiguous, False),
    (FaultKind.RESET_AFTER, Ambiguous, True),
    (FaultKind.DELETED_BUT_503, Ambiguous, True),
    (FaultKind.GARBAGE, Ambiguous, True),
    (FaultKind.EMPTY_BODY, Ambiguous, True),
]


@pytest.mark.parametrize(("fault", "kind", "done"), SANDBOX_FAULTS)
def test_only_ambiguous_failures_can_have_deleted_something(
    fault: FaultKind,
    kind: type[VodError],
    done: bool,  # noqa: FBT001 - a table
    sandbox: VodSandbox,
    client: VodClient,
) -> None:
    (asked,) = some_ids(sandbox, 1)
    sandbox.faults.set(fault, "DeleteVideo", times=1)
    with pytest.raises(VodError) as info:
        client.delete_videos([asked])
    assert type(info.value) is kind
    assert (asked in client.get_videos([asked]).missing) is done
    assert len(sandbox.ledger.calls()) == 1


def test_a_quota_used_up_is_throttling(sandbox: VodSandbox, client: VodClient) -> None:
    sandbox.quotas["GetVideoInfos"] = 0
    with pytest.raises(Throttled):
        client.get_videos([ID])


def test_a_wrong_key_or_secret_is_denied_with_what_to_do(sandbox: VodSandbox) -> None:
    endpoint = Endpoint(sandbox.region, sandbox.url)
    for key, advice in (
        (AccessKey(sandbox.access_key_id, "wrong"), Advice.CHECK_KEY_PAIR),
        (AccessKey("LTAIstranger", sandbox.access_key_secret), Advice.CHECK_KEY_ID),
    ):
        with VodClient(key, endpoint) as client, pytest.raises(Denied) as info:
            client.get_videos([ID])
        assert info.value.advice is advice


@pytest.mark.parametrize(("name", "call"), BY_LIST)
@pytest.mark.parametrize(
    "ids",
    [[], [f"id{number}" for number in range(21)], ["a", "a"], ["a,b"], [""], [" "], ["a\n"], ["字"]],
)
def test_a_list_that_is_empty_too_long_or_malformed_sends_nothing(
    name: str,
    call: Callable[[VodClient, list[str]], object],
    ids: list[str],
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    server = hostile(http_json(200, {"RequestId": "R"}))
    with pytest.raises(ValueError, match="id"):
        call(client_of(server.url), ids)
    assert server.connections == 0, name


@pytest.mark.parametrize(("name", "call"), BY_ID)
@pytest.mark.parametrize("video_id", ["", "a,b", "a b", "a" * 65])
def test_a_malformed_video_id_sends_nothing(
    name: str,
    call: Callable[[VodClient, list[str]], object],
    video_id: str,
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    server = hostile(http_json(200, {"RequestId": "R"}))
    with pytest.raises(ValueError, match="an id has"):
        call(client_of(server.url), [video_id])
    assert server.connections == 0, name


@pytest.mark.parametrize(
    "kinds",
    [[], [ImageKind.ALL, ImageKind.COVER], [ImageKind.COVER, ImageKind.ALL], [ImageKind.COVER, ImageKind.COVER]],
)
def test_kinds_of_images_that_say_too_little_or_too_much_send_nothing(
    kinds: list[ImageKind],
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    server = hostile(http_json(200, {"RequestId": "R"}))
    with pytest.raises(ValueError, match=r"All|ids|twice"):
        client_of(server.url).delete_video_images(ID, kinds)
    with pytest.raises(ValueError, match="one kind"):
        client_of(server.url).list_snapshots(ID, ImageKind.ALL)
    assert server.connections == 0


def test_twenty_of_everything_go_into_one_call(
    hostile: Callable[..., HostileServer],
    client_of: Callable[..., VodClient],
) -> None:
    server = hostile(http_json(200, {"RequestId": "R"}))
    client = client_of(server.url)
    ids = [f"{number:032x}" for number in range(20)]
    client.delete_videos(ids)
    client.delete_streams(ID, ids)
    client.delete_mezzanines(ids, force=True)
    client.delete_images(ids)
    client.delete_image_urls([f"https://img.example/image/default/{each}.png" for each in ids])
    assert [
        len(sent[name].split(","))
        for sent, name in zip(
            server.requests,
            ("VideoIds", "JobIds", "VideoIds", "ImageIds", "ImageURLs"),
            strict=True,
        )
    ] == [20] * 5


def test_sts_tells_whose_account_it_is(sandbox: VodSandbox) -> None:
    key, endpoint = (
        AccessKey(sandbox.access_key_id, sandbox.access_key_secret),
        Endpoint("cn-shanghai", sandbox.url),
    )
    with VodClient(key, endpoint, sts=sandbox.url) as asking, VodClient(key, endpoint, sts=None) as not_asking:
        assert asking.get_account() == sandbox.account
        known_as = not_asking.get_account()
        sandbox.faults.set("forbidden_ram", "GetCallerIdentity", times=1)
        assert asking.get_account() == known_as
        for kind in ("key_unknown", "clock_off", "unavailable", "garbage", "reset_before"):
            # No answer is not a refusal: nothing stands in for an account that will be told later.
            sandbox.faults.set(kind, "GetCallerIdentity", times=1)
            with pytest.raises(VodError):
                asking.get_account()


def test_an_account_that_is_no_id_is_no_answer(sandbox: VodSandbox) -> None:
    key, endpoint = (
        AccessKey(sandbox.access_key_id, sandbox.access_key_secret),
        Endpoint("cn-shanghai", sandbox.url),
    )
    with VodClient(key, endpoint, sts=sandbox.url) as asking:
        for account in ("", "me", "1" * 40, "12/34"):
            sandbox.account = account
            with pytest.raises(VodError):
                asking.get_account()
