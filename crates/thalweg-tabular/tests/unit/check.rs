//! Reports on the flows of a density.

use thalweg_check::{Options, Verdict};
use thalweg_data::{Column, Table};
use thalweg_tabular::{Density, Kind};

/// A direction, and a number that follows it.
fn winds() -> Table {
    let rows = 0..120;
    let direction: Vec<f64> = rows.clone().map(|k| f64::from(k * 37 % 360)).collect();
    let speed = direction
        .iter()
        .zip(rows)
        .map(|(angle, k)| 5.0 + 2.0 * angle.to_radians().cos() + 0.013 * f64::from(k * 31 % 97));
    let speed = Column::numbers("speed", speed.collect());
    Table::new(vec![Column::numbers("direction", direction), speed]).expect("a table")
}

#[test]
fn numbers_and_angles_have_a_report_each() {
    let table = winds();
    let model = Density::of(["direction", "speed"])
        .kind("direction", Kind::Angle { period: 360.0 })
        .members(1)
        .steps(20)
        .fit(&table)
        .expect("a fit");
    let options = Options {
        rows: 32,
        evaluations: 2000,
        ..Options::default()
    };
    let reports = model.check(&table, &options).expect("reports");
    assert_eq!(reports.len(), 2);
    assert_eq!(
        (reports[0].numbers, reports[1].numbers, reports[1].rows),
        (1, 1, 32)
    );
    assert!(
        reports[1].model.ends_with(" of angles"),
        "{}",
        reports[1].model
    );
    for report in &reports {
        assert!(report.round_trip.done().is_some(), "{report}");
        assert_ne!(report.verdict, Verdict::Failed, "{report}");
    }
}
