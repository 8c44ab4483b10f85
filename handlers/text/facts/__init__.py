"""What VOD has and answers, in words: places, sizes, warnings, differences, errors."""
