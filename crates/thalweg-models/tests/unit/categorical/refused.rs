//! Codes, conditions, configurations and files that do not fit are refused.

use super::*;

#[test]
fn what_is_no_code_is_named() {
    let device = Device::default();
    let model = || CategoricalConfig::new(vec![2, 3]).init(&device);
    let bad = codes(&[vec![0, 2], vec![1, 3]], &device);
    let error = model().check(&bad).unwrap_err();
    let expected = "row 1, variable 1 has code 3; codes are 0..3, one for each of 3 levels: count a level for \
                    values that the training data do not have";
    assert_eq!(error.to_string(), expected);
    assert_eq!(model().initialize(&bad, None).unwrap_err(), error);
    let negative = Tensor::<2, Int>::from_ints([[-1, 0]], &device);
    assert!(matches!(
        model().check(&negative),
        Err(FlowError::NotACode {
            row: 0,
            variable: 0,
            code: -1,
            levels: 2
        })
    ));
    let good = codes(&[vec![0, 2], vec![1, 0]], &device);
    let fit = |weights: &[f64]| {
        model()
            .initialize(&good, Some(weights))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        fit(&[1.0, -2.0]),
        "row 1 has weight -2; weights are finite numbers from 0 on"
    );
    assert_eq!(
        fit(&[f64::NAN, 1.0]),
        "row 0 has weight NaN; weights are finite numbers from 0 on"
    );
    assert_eq!(
        fit(&[0.0, 0.0]),
        "all 2 weights of rows are 0; give one of them a weight above 0"
    );
    let none = codes(&[], &device).reshape([0, 2]);
    assert!(matches!(
        model().initialize(&none, None),
        Err(FlowError::TooFewRows { .. })
    ));
}

#[test]
#[should_panic(expected = "categorical: row 0, variable 1 has code 3; codes are 0..3")]
fn what_is_no_code_has_no_probability() {
    let device = Device::default();
    let model = CategoricalConfig::new(vec![2, 3]).init(&device);
    model.log_prob(codes(&[vec![0, 3]], &device));
}

#[test]
#[should_panic(expected = "categorical: takes codes of shape [batch, 2], got [1, 3]")]
fn another_number_of_variables_is_refused() {
    let device = Device::default();
    let model = CategoricalConfig::new(vec![2, 3]).init(&device);
    model.log_prob(codes(&[vec![0, 1, 1]], &device));
}

#[test]
#[should_panic(
    expected = "conditional categorical: takes conditions of shape [batch, 2], got [1, 3]"
)]
fn a_condition_of_another_width_is_refused() {
    let device = Device::default();
    let model = CategoricalConfig::new(vec![2, 3])
        .with_context(2)
        .init(&device);
    let context = Tensor::zeros([1, 3], &device);
    model
        .given(&context)
        .log_prob(codes(&[vec![0, 1]], &device));
}

#[test]
fn configurations_out_of_their_bounds_are_errors() {
    let two = || CategoricalConfig::new(vec![2, 2]);
    for (config, expected) in [
        (
            CategoricalConfig::new(vec![]),
            "variables is 0, but must be at least 1",
        ),
        (
            CategoricalConfig::new(vec![2, 1]),
            "levels is 1, but must be at least 2",
        ),
        (
            CategoricalConfig::new(vec![(1 << 24) + 1]),
            "levels is 16777217, but must be at most 16777216",
        ),
        (
            two().with_hidden(vec![0]),
            "hidden is 0, but must be at least 1",
        ),
        (
            two().with_smoothing(0.0),
            "smoothing is 0, but must be a finite number above 0",
        ),
        (
            two().with_order(vec![1, 1]),
            "order: an order of 2 variables holds each of 0..2 once, got [1, 1]",
        ),
    ] {
        let error = config.try_init(&Device::default()).map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), format!("categorical: {expected}"));
    }
    let error = two().with_context(0).try_init(&Device::default());
    let error = error.map(|_| ()).unwrap_err().to_string();
    assert_eq!(
        error,
        "conditional categorical: context is 0, but must be at least 1"
    );
}

#[test]
fn a_file_that_describes_more_than_it_holds_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let device = Device::default();
    let model = CategoricalConfig::new(vec![2, 2]).init(&device);
    for large in [
        CategoricalConfig::new(vec![1 << 24; 100]),
        CategoricalConfig::new(vec![2, 2]).with_hidden(vec![4_000_000_000; 2]),
    ] {
        thalweg_models::file::write(&path, "categorical", &large, &model).unwrap();
        let error = Categorical::load(&path, &device).map(|_| ()).unwrap_err();
        assert!(
            error.to_string().contains("numbers, the file holds"),
            "{error}"
        );
    }
}
