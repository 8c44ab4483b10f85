"""The words the seeded library's titles are made of, in English and Chinese."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shelf:
    """A category: how its titles are made (`first` x `second` x a number), its tags and lengths in seconds."""

    category_id: int
    category: str
    pattern: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    tags: tuple[str, ...]
    seconds: tuple[int, int]


SHELVES = (
    Shelf(
        1001,
        "Lectures",
        "{first}, lecture {number}: {second}",
        ("Linear algebra", "Organic chemistry", "Contract law", "Operating systems", "Music theory"),
        ("foundations", "worked examples", "common mistakes", "the exam, explained", "guest talk", "revision"),
        ("course", "2nd year", "captioned"),
        (2400, 5700),
    ),
    Shelf(
        1002,
        "公开课",
        "{first} 第{number}讲 {second}",
        ("高等数学", "大学物理", "现代汉语", "数据结构", "中国美术史"),
        ("导论", "极限与连续", "习题精讲", "期末复习", "案例分析"),
        ("课程", "免费", "字幕"),
        (1800, 5400),
    ),
    Shelf(
        1003,
        "Product films",
        "{first} {second}",
        ("Aria kettle", "Fjord backpack", "Nimbus lamp", "Otter camera", "Trail jacket", "Pebble speaker"),
        ("launch film", "in 30 seconds", "care guide", "unboxing", "behind the design", "winter cut"),
        ("product", "brand", "social"),
        (15, 240),
    ),
    Shelf(
        1004,
        "产品视频",
        "{first} {second}",
        ("云杉空气净化器", "小鹿儿童手表", "山海旅行箱", "轻氧跑鞋", "星野投影仪"),
        ("开箱", "新品发布", "使用教程", "用户故事", "双十一预告"),
        ("产品", "电商", "竖屏"),
        (12, 300),
    ),
    Shelf(
        1005,
        "Match replays",
        "{first} v {second}, full match, round {number}",
        ("Harbour FC", "Northfield", "Castle Rovers", "Lakeside United", "Millbrook"),
        ("Eastport", "Redhill Town", "St Albans Park", "Valley Athletic", "Kingsway"),
        ("football", "season archive", "rights: one year"),
        (5400, 7500),
    ),
    Shelf(
        1006,
        "赛事回放",
        "{first} 对阵 {second} 第{number}轮全场回放",
        ("江城队", "海港队", "北岭队", "星火队"),
        ("长风队", "南湖队", "飞鹰队", "东山队"),
        ("篮球", "回放", "版权一年"),
        (5400, 8100),
    ),
    Shelf(
        1007,
        "News",
        "{first} {second}, no. {number}",
        ("Evening bulletin", "Morning briefing", "Market close", "Regional news", "Weather at seven"),
        ("headlines", "full programme", "signed edition", "clean feed"),
        ("news", "daily"),
        (180, 1800),
    ),
    Shelf(
        1008,
        "新闻",
        "{first} {second} 第{number}期",
        ("晚间新闻", "财经早报", "城市零距离", "一周国际"),
        ("完整版", "精编版", "手语版"),
        ("新闻", "每日"),
        (180, 1800),
    ),
    Shelf(
        1009,
        "Webinars",
        "{first} - {second} (recording {number})",
        ("Customer onboarding", "Security office hours", "Partner update", "Payroll in practice"),
        ("questions and answers", "short version", "with slides", "raw recording"),
        ("webinar", "internal"),
        (1500, 4500),
    ),
)

PICTURES = (
    "Logo, white on transparent",
    "Campaign key visual",
    "赛事海报",
    "Speaker portrait",
    "Course card",
    "封面底图",
    "Sponsor strip",
    "Event backdrop",
    "直播间背景",
    "Press photo",
)
