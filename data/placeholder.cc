// Replaced by the page generator.
