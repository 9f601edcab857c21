//! Numbers in the notations of other programs.

use std::borrow::Cow;

use super::options::CsvOptions;

/// Words for a missing value, in lower case.
const MISSING: [&str; 12] = [
    "", "na", "n/a", "nan", "null", "none", "#n/a", "<na>", "?", "-", "--", ".",
];

/// The content of a field in a column of numbers.
pub(crate) enum Cell {
    Number(f64),
    Missing,
    Unreadable,
}

/// The number in a field.
pub(crate) fn read(text: &str, options: &CsvOptions) -> Cell {
    if options.is_missing_word(text) {
        return Cell::Missing;
    }
    match parse(text, options) {
        Some(value) => Cell::Number(value),
        None if is_missing(text) => Cell::Missing,
        None => Cell::Unreadable,
    }
}

/// Whether a text is a word for a missing value in every file.
pub(crate) fn is_missing(text: &str) -> bool {
    MISSING.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Whether a field may be a value, and not a name.
pub(super) fn is_value(text: &str, options: &CsvOptions) -> bool {
    // A number with a comma is a value in every dialect.
    let point = text.replace(',', ".");
    parse(text, options).is_some() || point.parse::<f64>().is_ok()
}

/// A finite number. A text that is not 0 and underflows to 0 is not one.
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

/// The number in Rust's notation: with a point and `E`, without separators of thousands.
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
            // Fortran's exponent D; after a fraction it cannot be a hexadecimal digit.
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

/// Whether a character is this separator; a blank stands for blanks of all widths.
fn is(c: char, mark: char) -> bool {
    c == mark || (mark == ' ' && matches!(c, '\u{a0}' | '\u{202f}' | '\u{2009}'))
}

/// A whole number without its separators, if they stand between groups of three digits.
fn without_groups(whole: &str, mark: char) -> Option<String> {
    let groups: Vec<&str> = whole.split(|c| is(c, mark)).collect();
    let [first, others @ ..] = groups.as_slice() else {
        return None;
    };
    let fits = others.is_empty() || (1..=3).contains(&first.len());
    (fits && others.iter().all(|group| group.len() == 3)).then(|| groups.concat())
}

/// The way out for a field that looks like a number of another dialect, or a value of another type.
pub(crate) fn advice(text: &str, options: &CsvOptions, delimiter: char) -> Option<String> {
    let with = |options: CsvOptions| parse(text, &options).is_some();
    let decimal = options.decimal_char();
    let other = if decimal == '.' { ',' } else { '.' };
    let grouped = |mark: &char| with(options.clone().thousands(*mark));
    let swapped = with(options.clone().decimal(other));
    let lower = text.to_ascii_lowercase();
    let starts = |words: &[&str]| words.iter().any(|word| lower.starts_with(word));
    let known = |c: char| c.is_ascii_digit() || "+-.,eE".contains(c);
    let hexadecimal = |digits: &str| u128::from_str_radix(digits, 16).is_ok();
    let separators = text.matches(['-', '/', ':']).count();
    let separates = |mark: &char| *mark != delimiter && text.contains(*mark);

    if swapped && grouped(&other) {
        return Some(format!(
            "give decimal('{other}') or thousands('{other}'), whichever '{other}' is"
        ));
    }
    if swapped {
        return Some(format!("give decimal('{other}')"));
    }
    if with(options.clone().decimal(other).thousands(decimal)) {
        return Some(format!(
            "give decimal('{other}') and thousands('{decimal}')"
        ));
    }
    if let Some(mark) = [',', '.', ' ', '\'', '_'].iter().find(|mark| grouped(mark)) {
        return Some(format!("give thousands({mark:?})"));
    }
    if let Some(mark) = [';', '\t', '|'].iter().find(|mark| separates(mark)) {
        return Some(format!(
            "give delimiter({mark:?}) if that separates the fields"
        ));
    }
    if starts(&["inf", "+inf", "-inf"]) {
        return Some(format!(
            "remove the row, or give missing_words(&[\"{text}\"]) and drop_missing(true)"
        ));
    }
    let fixed = if text.contains(' ') && text.split_whitespace().all(|part| part.chars().all(known))
    {
        "give delimiter(' ') if blanks separate the fields"
    } else if text.chars().all(known) && lower.parse::<f64>().is_ok() {
        "it is beyond the range of 64 bits (5e-324 to 1.8e308); change the unit of the column"
    } else if lower.strip_prefix("0x").is_some_and(hexadecimal) {
        "write hexadecimal numbers in decimal"
    } else if ["true", "false", "yes", "no", "t", "f"].contains(&lower.as_str()) {
        "write 0 and 1, or leave the column out with Columns::without"
    } else if text.ends_with('%') || text.contains(['$', '€', '£', '¥']) {
        "remove the unit from the numbers, or leave the column out with Columns::without"
    } else if separators >= 2 && text.starts_with(|c: char| c.is_ascii_digit()) {
        "dates are not supported: write numbers, such as seconds, or leave the column out with \
         Columns::without"
    } else {
        return None;
    };
    Some(fixed.to_string())
}

/// An infinite number, which no other spelling than these gives.
#[cfg(feature = "tables")]
pub(crate) fn infinite(text: &str) -> Option<f64> {
    let digits = text.trim_start_matches(['+', '-']);
    let infinite = ["inf", "infinity"]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(digits));
    text.parse().ok().filter(|_| infinite)
}

/// Whether a text is a code, such as a postal code: digits after a zero.
#[cfg(feature = "tables")]
pub(crate) fn is_code(text: &str) -> bool {
    matches!(text.as_bytes(), [b'0', rest @ ..] if !rest.is_empty() && rest.iter().all(u8::is_ascii_digit))
}

/// Whether a text is a whole number that f64 does not hold exactly.
pub(crate) fn is_rounded(text: &str, value: f64) -> bool {
    const EXACT: f64 = (1_u64 << f64::MANTISSA_DIGITS) as f64;
    value.abs() > EXACT
        && text
            .parse::<i128>()
            .is_ok_and(|whole| whole != value as i128)
}
