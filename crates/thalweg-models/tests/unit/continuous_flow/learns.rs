//! What trained flows reach.

use super::*;

fn trained(config: &ContinuousFlowConfig, epochs: usize, rows: usize) -> ContinuousFlow {
    let device = Device::default();
    let train = Toy::TwoMoons.to_tensor(rows, 0, &device);
    let flow = config
        .init(&device.clone().autodiff())
        .initialize(&train)
        .unwrap();
    let batches = Batches::new(train, 200, 0);
    let run = Trainer::new(epochs, 5e-3).fit(
        flow,
        SingleGradient::new(AdamConfig::new().init()),
        &Data::train(|epoch| batches.epoch(epoch)),
        |flow: &ContinuousFlow, x, seed| flow.loss(x, &mut Noise::seeded(seed)).unwrap(),
        &mut (),
    );
    run.into_best().valid()
}

#[test]
fn flow_matching_learns_two_moons() {
    let config = ContinuousFlowConfig::flow_matching(2).with_hidden(vec![32, 32]);
    let flow = trained(&config, 40, 2_000);
    let device = Device::default();
    let held_out = Toy::TwoMoons.to_tensor(500, 1, &device);
    let before = config.init(&device).initialize(&held_out).unwrap();
    let nats = |flow: &ContinuousFlow| mean(&flow.log_probs(&held_out, 500).unwrap());
    let (before, after) = (nats(&before), nats(&flow));
    assert!(after > before + 0.25, "{before} nats before, {after} after");

    // The density is one of the data as given: it integrates to 1 over the plane.
    let (cells, edge) = (60, 4.0);
    let at = |k: usize| -edge + 2.0 * edge * (k as f64 + 0.5) / cells as f64;
    let grid: Vec<f64> = (0..cells * cells)
        .flat_map(|i| [at(i / cells) + 0.5, at(i % cells) + 0.25])
        .collect();
    let points = Tensor::from_data(TensorData::new(grid, [cells * cells, 2]), &device);
    let mass: f64 = host(flow.log_prob(points).unwrap())
        .iter()
        .map(|nats| nats.exp())
        .sum();
    let mass = mass * (2.0 * edge / cells as f64).powi(2);
    assert!((mass - 1.0).abs() < 0.02, "{mass}");
}

#[test]
fn ffjord_learns() {
    let integration = Integration::fixed(Scheme::Rk4, 4);
    let config = ContinuousFlowConfig::ffjord(2)
        .with_hidden(vec![16])
        .with_integration(integration);
    let flow = trained(&config, 6, 1_000);
    let device = Device::default();
    let held_out = Toy::TwoMoons.to_tensor(500, 1, &device);
    let before = config.init(&device).initialize(&held_out).unwrap();
    let nats = |flow: &ContinuousFlow| mean(&flow.log_probs(&held_out, 500).unwrap());
    let (before, after) = (nats(&before), nats(&flow));
    assert!(after > before + 0.05, "{before} nats before, {after} after");
}
