//! How large errors are that a law allows, for a table of laws and backends.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::{Mutex, OnceLock};

/// The variable that names the file.
const VARIABLE: &str = "THALWEG_LAW_ERRORS";

/// Appends a line to the file that the variable `THALWEG_LAW_ERRORS` names, if it is set: law, device, dtype, error and tolerance,
/// with tabs between them. Tests are many processes, each of which appends. The laws do this themselves; a test of your own
/// that allows an error can add it to the same table.
///
/// ```
/// thalweg_laws::record("values of the paper", ["Flex", "F32"], 3e-7, 1e-5);
/// ```
///
/// # Panics
///
/// When the file cannot be written: a table without some of the errors would look better than it is.
pub fn record(law: impl std::fmt::Display, place: [&str; 2], error: f64, tolerance: f64) {
    static OUT: OnceLock<Option<Mutex<File>>> = OnceLock::new();
    let open = || {
        let path = std::env::var_os(VARIABLE)?;
        match OpenOptions::new().create(true).append(true).open(&path) {
            Ok(file) => Some(Mutex::new(file)),
            Err(problem) => panic!("{VARIABLE}, {}: {problem}", path.display()),
        }
    };
    let Some(out) = OUT.get_or_init(open) else {
        return;
    };
    let [device, dtype] = place;
    let line = format!("{law}\t{device}\t{dtype}\t{error:e}\t{tolerance:e}\n");
    let mut out = out.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Err(problem) = out.write_all(line.as_bytes()) {
        panic!("the file of {VARIABLE}: {problem}");
    }
}
