//! Densities of tables in files of format 1 are read forever, and give what they gave when they were written.
//!
//! Each file in `tests/fixtures/format-1` has a JSON file beside it with a table and what the density said of its rows.
//! Missing files are written by
//!
//! ```text
//! THALWEG_WRITE_FIXTURES=1 cargo test --workspace --test unit format_1::write_fixtures
//! ```
//!
//! which leaves the files that are there as they are.

mod cases;
pub(crate) mod tables;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use thalweg_device::cpu_devices;
use thalweg_models::file::{describe, kind};
use thalweg_tabular::FittedDensity;

use cases::cases;

/// Both CPU backends round in their own ways.
const TOLERANCE: f64 = 1e-5;

fn place(name: &str, ending: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/format-1");
    folder.join(format!("{name}.{ending}"))
}

/// Log-densities, then p-values and scores where the density is calibrated.
fn found(model: &FittedDensity, table: &thalweg_data::Table) -> Vec<f64> {
    let logs = model.log_prob(table).unwrap().into_iter();
    let mut found: Vec<f64> = logs.map(Result::unwrap).collect();
    if let Ok(rows) = model.anomaly(table) {
        let rows: Vec<_> = rows.into_iter().map(Result::unwrap).collect();
        found.extend(rows.iter().flat_map(|row| [row.p_value, row.score]));
    }
    found
}

#[test]
fn each_density_gives_what_it_gave() {
    for case in cases() {
        let text = std::fs::read_to_string(place(case.name, "json")).unwrap();
        let record: Value = serde_json::from_str(&text).unwrap();
        let table = tables::of_json(&record["table"]);
        let expected = record["found"].as_array().unwrap();
        for device in cpu_devices() {
            let model = FittedDensity::load(place(case.name, "safetensors"), &device).unwrap();
            let found = found(&model, &table);
            assert_eq!(found.len(), expected.len(), "{}", case.name);
            for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
                let expected = expected.as_f64().unwrap();
                let bound = TOLERANCE * expected.abs().max(1.0);
                assert!(
                    (found - expected).abs() <= bound,
                    "{} on {device:?}: number {place} is {found}, not {expected}",
                    case.name
                );
            }
        }
    }
}

#[test]
fn a_file_holds_columns_units_maps_summary_and_reference_scores() {
    for case in cases() {
        let path = place(case.name, "safetensors");
        assert_eq!(kind(&path).unwrap(), "density of a table");
        let info = describe(&path).unwrap();
        let columns = info.config["schema"]["columns"].as_array().unwrap();
        for column in columns {
            assert!(
                column["name"].is_string() && !column["kind"].is_null(),
                "{column}"
            );
        }
        let units: Vec<&Value> = columns.iter().map(|column| &column["unit"]).collect();
        assert!(units.contains(&&json!("m")), "{}: {units:?}", case.name);
        let members = info.config["members"].as_array().unwrap();
        let maps = |member: &Value| member["maps"].as_array().unwrap().len();
        assert!(members.iter().all(|member| maps(member) == columns.len()));
        assert!(info.config["summary"]["held_out"].is_f64(), "{}", case.name);
        let scores = info.config["calibration"].as_array().unwrap();
        let calibrated = scores
            .iter()
            .any(|part| !part.as_array().unwrap().is_empty());
        assert_eq!(calibrated, case.is_calibrated, "{}", case.name);
    }
}

#[test]
fn write_fixtures() {
    if std::env::var_os("THALWEG_WRITE_FIXTURES").is_none() {
        return;
    }
    for case in cases() {
        let (path, beside) = (place(case.name, "safetensors"), place(case.name, "json"));
        if !path.exists() {
            let rows = tables::rows(60);
            case.density.fit(&rows).unwrap().save(&path).unwrap();
        }
        if beside.exists() {
            println!("{} is there, and stays", beside.display());
            continue;
        }
        // Rows that no calibration holds: the last bit of a score decides on which side of its own a row lies.
        let table = tables::of_json(&tables::to_json(
            &tables::rows(75).select(&[60, 62, 65, 67, 70, 74]),
        ));
        let model = FittedDensity::load(&path, &Default::default()).unwrap();
        let record = json!({"table": tables::to_json(&table), "found": found(&model, &table)});
        std::fs::write(&beside, format!("{record}\n")).unwrap();
    }
}
