//! Times as ISO 8601 writes them, and as seconds.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::Pieces;

/// 1970-01-01T00:00:00.
const EPOCH: DateTime = Date::constant(1970, 1, 1).to_datetime(Time::midnight());

/// Seconds from 1970-01-01T00:00:00 UTC to a time: a date, alone or with a time of day after `T` or a blank,
/// with fractions of a second to nine digits, with `Z` or an offset from UTC. Without one it counts as UTC.
pub(crate) fn parse(text: &str) -> Option<f64> {
    // Jiff also reads 20130131, which is a number, and [Europe/Paris], which needs a database.
    let fits = |bytes: &[u8]| matches!(bytes, [_, _, _, _, b'-', _, _, b'-', _, _, ..]);
    if !fits(text.as_bytes()) || text.contains('[') {
        return None;
    }
    let pieces = Pieces::parse(text).ok()?;
    let time = pieces.time().unwrap_or(Time::midnight());
    let offset = pieces.to_numeric_offset();
    let since = pieces.date().to_datetime(time).duration_since(EPOCH);
    let seconds = since.as_secs() - offset.map_or(0, |offset| i64::from(offset.seconds()));
    Some(seconds as f64 + f64::from(since.subsec_nanos()) / 1e9)
}

/// The time of these seconds in ISO 8601 and UTC, to the nanosecond; none beyond the years −9999 to 9999.
pub(crate) fn format(seconds: f64, date_alone: bool) -> Option<String> {
    let since = SignedDuration::try_from_secs_f64(seconds).ok()?;
    let time = EPOCH.checked_add(since).ok()?;
    Some(match date_alone {
        true => time.date().to_string(),
        false => format!("{time}Z"),
    })
}
