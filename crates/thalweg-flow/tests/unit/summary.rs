//! What a module is made of, as a table.

use burn::tensor::{DType, Device};
use thalweg_flow::base::StandardNormal;
use thalweg_flow::precision::cast;
use thalweg_flow::{
    ActNorm, Additive, Coupling, Flow, MlpConfig, Noise, Split, Standardize, Summary,
};

#[test]
fn layers_that_repeat_share_lines() {
    let device = Device::default().autodiff();
    let step = || {
        let net = MlpConfig::new(1, vec![16], 1).init(&mut Noise::seeded(0), &device);
        let coupling: Coupling<_, _> = Coupling::new(Split::half(), Additive::new(), net);
        (ActNorm::<2>::new(2, &device), coupling)
    };
    let steps: Vec<_> = (0..3).map(|_| step()).collect();
    let bijection = (Standardize::<2>::identity(2, &device), steps);
    let flow = cast(Flow::new(bijection, StandardNormal::new(2)), DType::F64).expect("sound");
    let summary = Summary::of(&flow);

    let find = |end: &str| {
        let mut lines = summary.lines().iter();
        lines.find(|line| line.name.ends_with(end)).expect("a line")
    };
    let weight = find("layers.0.weight");
    assert!(weight.name.contains(".1.*.1."), "{}", weight.name);
    assert_eq!(
        (weight.count, weight.numbers(), weight.bytes()),
        (3, 48, 384)
    );
    assert_eq!((weight.layer.as_str(), weight.trainable), ("Linear", true));
    let mean = find("0.mean");
    assert_eq!((mean.count, mean.trainable), (1, false));
    assert_eq!(find("initialized").count, 3);

    // Two statistics of two numbers, three steps of an actnorm, its flag and a network.
    let network = 16 + 16 + 16 + 1;
    assert_eq!(summary.numbers(), 2 * 2 + 3 * (2 * 2 + 1 + network));
    assert_eq!(summary.trainable(), 3 * (2 * 2 + network));
    assert_eq!(
        summary.lines().iter().map(|line| line.count).sum::<usize>(),
        2 + 3 * 7
    );
}

#[test]
fn the_table_reads_well() {
    let layer = Standardize::<2>::identity(1234, &Device::default());
    let text = Summary::of(&layer).to_string();
    let wanted = "\
name           layer        type  shape   count  numbers  bytes  trains
mean           Standardize  F32   [1234]      1    1,234  4,936  no
log_deviation  Standardize  F32   [1234]      1    1,234  4,936  no
2,468 numbers in 2 parameters, of which 0 train; 9,872 bytes";
    assert_eq!(text, wanted);
}
