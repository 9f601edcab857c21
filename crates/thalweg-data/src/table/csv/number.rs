//! Numbers as other programs write them.

use std::borrow::Cow;

use super::options::CsvOptions;

/// Words that stand for a missing value, in small letters.
const MISSING: [&str; 12] = [
    "", "na", "n/a", "nan", "null", "none", "#n/a", "<na>", "?", "-", "--", ".",
];

/// What a field of a column of numbers holds.
pub(super) enum Cell {
    Number(f64),
    Missing,
    Unreadable,
}

/// The number in a field.
pub(super) fn read(text: &str, options: &CsvOptions) -> Cell {
    if options.missing_words.iter().any(|word| word == text) {
        return Cell::Missing;
    }
    match parse(text, options) {
        Some(value) => Cell::Number(value),
        None if MISSING.contains(&text.to_ascii_lowercase().as_str()) => Cell::Missing,
        None => Cell::Unreadable,
    }
}

/// Whether a field may be a value rather than a name.
pub(super) fn is_value(text: &str, options: &CsvOptions) -> bool {
    // Numbers with a comma are values in any dialect.
    let point = text.replace(',', ".");
    parse(text, options).is_some() || point.parse::<f64>().is_ok()
}

/// A finite number; one that is not 0 does not become 0.
fn parse(text: &str, options: &CsvOptions) -> Option<f64> {
    let plain = options.decimal_char() == '.' && options.thousands.is_none();
    let (number, text) = match text.parse::<f64>() {
        Ok(number) if plain => (number, Cow::Borrowed(text)),
        _ => {
            let text = point_and_exponent(text, options)?;
            (text.parse::<f64>().ok()?, Cow::Owned(text))
        }
    };
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let vanished = number == 0.0 && mantissa.contains(|c: char| ('1'..='9').contains(&c));
    (number.is_finite() && !vanished).then_some(number)
}

/// A number rewritten with a point and `E`, and without separators of thousands.
fn point_and_exponent(text: &str, options: &CsvOptions) -> Option<String> {
    let decimal = options.decimal_char();
    let text = text.replace('\u{2212}', "-");
    let sign = text.len() - text.trim_start_matches(['+', '-']).len();
    let (sign, digits) = text.split_at(sign);
    let is_whole = |c: char| c.is_ascii_digit() || options.thousands.is_some_and(|t| is(c, t));
    let whole = &digits[..digits.find(|c| !is_whole(c)).unwrap_or(digits.len())];
    let rest = &digits[whole.len()..];
    let whole = match options.thousands {
        Some(mark) => without_groups(whole, mark)?,
        None => whole.to_string(),
    };
    let (fraction, exponent) = match rest.strip_prefix(decimal) {
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit());
            let (fraction, exponent) = rest.split_at(end.unwrap_or(rest.len()));
            // Fortran's D, where a fraction shows that the number is not hexadecimal.
            (format!(".{fraction}"), exponent.replace(['D', 'd'], "E"))
        }
        None => (String::new(), rest.to_string()),
    };
    let inside = |c: char| c.is_ascii_digit() || "eE+-".contains(c);
    exponent
        .chars()
        .all(inside)
        .then(|| format!("{sign}{whole}{fraction}{exponent}"))
}

/// Whether a character is this separator; a blank is one in all its widths.
fn is(c: char, mark: char) -> bool {
    c == mark || (mark == ' ' && matches!(c, '\u{a0}' | '\u{202f}' | '\u{2009}'))
}

/// A whole number without its separators, if they part it into threes.
fn without_groups(whole: &str, mark: char) -> Option<String> {
    let groups: Vec<&str> = whole.split(|c| is(c, mark)).collect();
    let [first, others @ ..] = groups.as_slice() else {
        return None;
    };
    let fits = others.is_empty() || (1..=3).contains(&first.len());
    (fits && others.iter().all(|group| group.len() == 3)).then(|| groups.concat())
}

/// What may be the matter with a field that is not a number, and what to do.
pub(super) fn hint(text: &str, options: &CsvOptions, delimiter: char) -> String {
    let with = |options: CsvOptions| parse(text, &options).is_some();
    let decimal = options.decimal_char();
    let other = if decimal == '.' { ',' } else { '.' };
    let grouped = |mark| with(options.clone().thousands(mark));
    let swapped = with(options.clone().decimal(other));
    let lower = text.to_ascii_lowercase();
    let starts = |words: &[&str]| words.iter().any(|word| lower.starts_with(word));
    let known = |c: char| c.is_ascii_digit() || "+-.,eE".contains(c);

    if swapped && grouped(other) {
        return format!("give decimal('{other}') or thousands('{other}'), whichever '{other}' is");
    }
    if swapped || with(options.clone().decimal(other).thousands(decimal)) {
        let more = if swapped {
            String::new()
        } else {
            format!(" and thousands('{decimal}')")
        };
        return format!("give decimal('{other}'){more}");
    }
    if let Some(mark) = [',', '.', ' ', '\'', '_']
        .into_iter()
        .find(|&mark| grouped(mark))
    {
        return format!("give thousands({mark:?})");
    }
    let parts = |mark| (mark != delimiter && text.contains(mark)).then_some(mark);
    if let Some(mark) = [';', '\t', '|'].into_iter().find_map(parts) {
        return format!("give delimiter({mark:?}) if that separates the fields");
    }
    if text.contains(' ') && text.split_whitespace().all(|part| part.chars().all(known)) {
        return "give delimiter(' ') if blanks separate the fields".to_string();
    }
    if starts(&["inf", "+inf", "-inf"]) {
        return format!(
            "remove the row, or give missing_words(&[\"{text}\"]) and drop_missing(true)"
        );
    }
    if text.chars().all(known) && lower.parse::<f64>().is_ok() {
        return "it is beyond what 64 bits hold (5e-324 to 1.8e308); change the column's unit"
            .to_string();
    }
    if lower
        .strip_prefix("0x")
        .is_some_and(|hex| u128::from_str_radix(hex, 16).is_ok())
    {
        return "write hexadecimal numbers in decimal".to_string();
    }
    if ["true", "false", "yes", "no", "t", "f"].contains(&lower.as_str()) {
        return "write 0 and 1, or leave the column out with Columns::without".to_string();
    }
    if text.ends_with('%') || text.contains(['$', '€', '£', '¥']) {
        return "remove the unit from the numbers, or leave the column out with Columns::without"
            .to_string();
    }
    let separators = text.matches(['-', '/', ':']).count();
    if separators >= 2 && text.starts_with(|c: char| c.is_ascii_digit()) {
        return "dates are not read: write numbers, such as seconds, or leave the column out with \
                Columns::without"
            .to_string();
    }
    "correct it, leave the column out (Columns::without), or, if it marks a missing value, give \
     missing_words and drop_missing(true)"
        .to_string()
}

/// The whole number in a text, where f64 does not hold it exactly.
pub(super) fn is_rounded(text: &str, value: f64) -> bool {
    const EXACT: f64 = (1_u64 << f64::MANTISSA_DIGITS) as f64;
    value.abs() > EXACT
        && text
            .parse::<i128>()
            .is_ok_and(|whole| whole != value as i128)
}
