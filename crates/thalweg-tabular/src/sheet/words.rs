//! Words of reports.

/// A share as percent.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// Lines of about `width` letters: a longer one is broken between words, and its rest is indented. A number keeps its
/// percent sign.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.lines() {
        let indent = " ".repeat(line.len() - line.trim_start().len());
        let (mut current, mut empty) = (indent.clone(), true);
        let kept = line.replace(" %", "\u{a0}%");
        for word in kept.split(' ').filter(|word| !word.is_empty()) {
            if !empty && current.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::replace(&mut current, format!("{indent}    ")));
                empty = true;
            }
            if !empty {
                current.push(' ');
            }
            current.push_str(word);
            empty = false;
        }
        lines.push(current);
    }
    let spaced = |line: String| line.replace('\u{a0}', " ");
    lines.into_iter().map(spaced).collect()
}
