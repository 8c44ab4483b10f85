"""Looking something up in VOD for a modal: opened at once, shown when it is there, led on from there."""
