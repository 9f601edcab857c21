//! Reports on flows of images.

use thalweg_check::{CheckError, Measure, Options, Verdict};
use thalweg_images::ImagesError;

use crate::{few_digits, few_faces, fitted};

#[test]
fn a_flow_of_each_kind_has_a_report() {
    let options = Options {
        rows: 8,
        jacobians: 1,
        sweep_rows: 2,
        ..Options::default()
    };
    for model in fitted() {
        let report = model.check(&few_digits(), &options);
        if model.kind().is_bound() {
            let error = report.expect_err("no flow of images");
            assert!(matches!(
                error,
                ImagesError::Check(CheckError::NoFlow { .. })
            ));
            continue;
        }
        let report = report.expect("a report");
        assert_eq!((report.rows, report.numbers), (8, 64), "{}", model.kind());
        for measure in [Measure::RoundTripOfData, Measure::LogDet, Measure::Compiled] {
            assert_eq!(report.of(measure), Verdict::Ok, "{measure} of {report}");
        }
    }
    let other = fitted()[0].check(&few_faces(), &options);
    assert!(matches!(other, Err(ImagesError::Size { .. })));
}
