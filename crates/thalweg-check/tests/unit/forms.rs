//! Text, JSON, picture.

use burn::tensor::Device;
use thalweg_check::{Check, CheckError, check};
use thalweg_models::CouplingFlowConfig;
use thalweg_plot::PlotError;

use crate::fixtures::{options, rows};

fn report() -> Check {
    let data = rows(2);
    let model = CouplingFlowConfig::realnvp(2).init(&Device::default());
    check(&model.initialize(&data).unwrap(), &data, &options()).unwrap()
}

#[test]
fn the_text_is_a_hundred_letters_wide_and_names_every_measure() {
    let report = report();
    let text = report.to_string();
    let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 100, "{widest} letters in\n{text}");
    for finding in &report.findings {
        assert!(text.contains(&finding.measure.to_string()), "{text}");
    }
    assert!(
        text.starts_with("Check: coupling flow, 64 rows of 2 numbers in F32\n"),
        "{text}"
    );
    assert!(text.ends_with("\nVerdict: warning"), "{text}");
}

#[test]
fn each_ending_has_its_form() {
    let (report, folder) = (report(), tempfile::tempdir().unwrap());
    let path = |name: &str| folder.path().join(name);
    for name in ["a.txt", "a.json", "a.png", "a.svg"] {
        report.save(path(name)).unwrap();
    }
    let read = |name: &str| std::fs::read_to_string(path(name)).unwrap();
    assert_eq!(read("a.txt"), report.to_string() + "\n");
    assert!(read("a.svg").contains("errors of layers"));
    assert!(
        std::fs::read(path("a.png"))
            .unwrap()
            .starts_with(b"\x89PNG")
    );
    let json: serde_json::Value = serde_json::from_str(&read("a.json")).unwrap();
    assert_eq!(json["verdict"], "warning");
    assert_eq!(json["layers"].as_array().unwrap().len(), 17);
    assert_eq!(json["layers"][2]["usages"][0]["scales"]["dead"], 1);
    assert_eq!(json["findings"][3]["measure"], "log_det");
    assert!(json["integral"]["done"]["value"].as_f64().unwrap() > 0.99);

    let error = report.save(path("a.pdf")).unwrap_err();
    assert!(
        matches!(error, CheckError::Plot(PlotError::Extension { .. })),
        "{error}"
    );
}
