//! Any table, written in any dialect, is read back.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use thalweg_data::{Column, ColumnType, CsvOptions, Table, Text, Values};

use crate::files::{gzip, repeatable};

/// Words with every mark that has a meaning.
const WORD: &str = "[a-zA-Z ,;|'\"\t\n#é–0-9.]{0,8}[a-zA-Z]";

fn numbers() -> impl Strategy<Value = Option<f64>> {
    let any = any::<f64>().prop_filter("no NaN", |number| !number.is_nan());
    let usual = (-1_000_000_i64..1_000_000).prop_map(|number| number as f64 / 100.0);
    option::weighted(0.9, prop_oneof![any, usual])
}

/// Times that a nanosecond tells apart, in f64.
fn times() -> impl Strategy<Value = Option<f64>> {
    let seconds = (-60_000_000_000.0..60_000_000_000.0_f64)
        .prop_filter("far from 1970", |seconds| seconds.abs() > 1e8);
    option::weighted(0.9, seconds)
}

fn rows() -> impl Strategy<Value = Vec<(Option<f64>, Option<f64>, Option<String>)>> {
    vec((numbers(), times(), option::weighted(0.9, WORD)), 1..20)
}

/// A table of numbers, times and words; the first row has no missing value, so that the types show.
fn table(rows: &[(Option<f64>, Option<f64>, Option<String>)]) -> Table {
    let mut numbers = vec![0.5];
    let mut times = vec![1e9 + 0.25];
    let mut words = vec![Some("word")];
    for (number, time, word) in rows {
        numbers.push(number.unwrap_or(f64::NAN));
        times.push(time.unwrap_or(f64::NAN));
        words.push(word.as_deref());
    }
    let words: Text = words.into_iter().collect();
    let columns = vec![
        Column::numbers("number", numbers),
        Column::times("time", times),
        Column::new("some words", Values::Text(words)),
    ];
    Table::new(columns).expect("a table")
}

/// Whether the values are the same, to the bit.
fn same(one: &Table, other: &Table) -> bool {
    let bits = |values: &[f64]| {
        values
            .iter()
            .map(|value| value.to_bits())
            .collect::<Vec<_>>()
    };
    one.names() == other.names()
        && one.columns().iter().zip(other.columns()).all(|pair| {
            match (pair.0.values(), pair.1.values()) {
                (Values::Numbers(one), Values::Numbers(other))
                | (Values::Times(one), Values::Times(other)) => bits(one) == bits(other),
                (one, other) => one == other,
            }
        })
}

proptest! {
    #![proptest_config(repeatable())]

    #[test]
    fn what_is_written_is_read(rows in rows()) {
        let table = table(&rows);
        let mut bytes = Vec::new();
        table.write_csv(&mut bytes).expect("written");
        let read = Table::parse(bytes.as_slice(), &CsvOptions::new());
        let text = String::from_utf8_lossy(&bytes);
        let read = read.map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert!(same(&read, &table), "{text}\n{read:?}");
    }

    /// With the types given, also words that look like numbers or times come back.
    #[test]
    fn given_types_keep_every_word(words in vec(option::of("[0-9.,:eE -]{1,12}|NA|\\PC{1,6}"), 1..12)) {
        let text: Text = words.iter().map(Option::as_deref).collect();
        let columns = vec![
            Column::numbers("n", (0..words.len()).map(|n| n as f64 + 0.5).collect()),
            Column::new("word", Values::Text(text)),
        ];
        let table = Table::new(columns).expect("a table");
        let mut bytes = Vec::new();
        table.write_csv(&mut bytes).expect("written");
        let types = [("n", ColumnType::Numbers), ("word", ColumnType::Text)];
        let read = Table::parse(bytes.as_slice(), &CsvOptions::new().types(&types).header(true));
        let text = String::from_utf8_lossy(&bytes);
        let read = read.map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert!(same(&read, &table), "{text}\n{read:?}");
    }

    #[test]
    fn every_dialect_is_found(
        rows in vec((-1_000_000_i64..1_000_000, option::weighted(0.9, "[a-z]{1,3}( [,;.a-z]{1,3})?")), 3..30),
        delimiter in prop_oneof![Just(','), Just(';'), Just('\t'), Just('|')],
        comma: bool,
        thousands: bool,
        all_quoted: bool,
        line_end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
        code in 0..5,
    ) {
        let decimal = if comma { ',' } else { '.' };
        let group = if comma { '.' } else { ',' };
        let quote = |field: &str| match all_quoted || field.contains([delimiter, '"']) {
            true => format!("\"{field}\""),
            false => field.to_owned(),
        };
        let number = |hundredths: i64| {
            let whole = (hundredths / 100).abs().to_string();
            let whole = match thousands && whole.len() > 3 {
                true => {
                    let (high, low) = whole.split_at(whole.len() - 3);
                    format!("{high}{group}{low}")
                }
                false => whole,
            };
            let sign = if hundredths < 0 { "-" } else { "" };
            quote(&format!("{sign}{whole}{decimal}{:02}", (hundredths % 100).abs()))
        };
        let header = ["load", "kind", "count"].map(quote).join(&delimiter.to_string());
        let mut text = header + line_end;
        // One number says which mark is which.
        let all = [(150_025, Some("a".to_owned()))].into_iter().chain(rows);
        let all: Vec<(i64, Option<String>)> = all.collect();
        for (place, (hundredths, word)) in all.iter().enumerate() {
            let word = word.as_deref().map_or("NA".to_owned(), quote);
            let fields = [number(*hundredths), word, quote(&place.to_string())];
            text += &(fields.join(&delimiter.to_string()) + line_end);
        }
        let bytes = match code {
            0 => text.clone().into_bytes(),
            1 => format!("\u{feff}{text}").into_bytes(),
            2 => format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect(),
            3 => gzip(text.as_bytes()),
            _ => ruzstd::encoding::compress_to_vec(
                text.as_bytes(),
                ruzstd::encoding::CompressionLevel::Fastest,
            ),
        };
        let read = Table::parse(bytes.as_slice(), &CsvOptions::new());
        let read = read.map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        let loads: Vec<f64> = all.iter().map(|(hundredths, _)| *hundredths as f64 / 100.0).collect();
        prop_assert_eq!(super::numbers(&read, "load"), loads);
        let words: Vec<Option<&str>> = all.iter().map(|(_, word)| word.as_deref()).collect();
        prop_assert_eq!(super::words(&read, "kind"), words);
        prop_assert_eq!(super::numbers(&read, "count").len(), all.len());
    }
}
