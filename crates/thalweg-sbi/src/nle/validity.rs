//! The probability that a simulation has data.

use burn::tensor::activation::softplus;
use burn::tensor::{Device, Tensor, TensorData};
use thalweg_flow::{Activation, Mlp, MlpConfig, Noise};
use thalweg_train::{Data, OneThread, Recipe};

use crate::SbiError;
use crate::training::Settings;

/// Widths of the network's hidden layers.
const HIDDEN: usize = 32;
/// Steps of its training, and what they use.
const STEPS: usize = 2000;
const BATCH: usize = 512;
const RATE: f64 = 3e-3;
/// The share of the simulations that chooses its weights.
const HELD_OUT: f64 = 0.1;

/// The network `l(θ)` of `p(valid | θ) = 1 / (1 + e^(−l))`.
pub(super) fn config(dims: usize) -> MlpConfig {
    MlpConfig::new(dims, vec![HIDDEN, HIDDEN], 1).with_activation(Activation::Silu)
}

/// `−softplus(−l)`: the logarithm of the probability.
pub(super) fn log_valid(net: &Mlp, z: Tensor<2>) -> Tensor<1> {
    let logits = net.forward(z);
    let rows = logits.dims()[0];
    softplus(logits.neg(), 1.0).neg().reshape([rows])
}

/// Trains the network on simulations with and without data, rows of `dims` numbers each, by the cross-entropy.
pub(super) fn train(
    settings: &Settings,
    valid: &[f32],
    invalid: &[f32],
    dims: usize,
) -> Result<Mlp, SbiError> {
    let device = &settings.device;
    let labelled = valid
        .chunks_exact(dims)
        .map(|z| (z, 1.0))
        .chain(invalid.chunks_exact(dims).map(|z| (z, 0.0)));
    let rows: Vec<(&[f32], f32)> = labelled.collect();
    let select = |chosen: &[usize], device: &Device| -> (Tensor<2>, Tensor<2>) {
        let z: Vec<f32> = chosen
            .iter()
            .flat_map(|row| rows[*row].0)
            .copied()
            .collect();
        let labels: Vec<f32> = chosen.iter().map(|row| rows[*row].1).collect();
        let z = TensorData::new(z, [chosen.len(), dims]);
        let labels = TensorData::new(labels, [chosen.len(), 1]);
        (
            Tensor::from_data(z, device),
            Tensor::from_data(labels, device),
        )
    };
    let noise = &mut Noise::seeded(settings.seed ^ VALIDITY);
    let order = noise.permutation(rows.len());
    let held = ((rows.len() as f64 * HELD_OUT) as usize).max(1);
    let (held_out, train) = order.split_at(held);
    let size = BATCH.min(train.len());
    let epoch = |epoch: usize| {
        let order = Noise::seeded(settings.seed ^ VALIDITY ^ (epoch as u64 + 1).rotate_left(32));
        let order = { order }.permutation(train.len());
        let chosen: Vec<usize> = order.into_iter().map(|k| train[k]).collect();
        let parts: Vec<Vec<usize>> = chosen.chunks_exact(size).map(<[usize]>::to_vec).collect();
        parts.into_iter().map(|part| select(&part, device))
    };
    // −ln p(label): softplus(l) − label · l.
    let loss = |net: &Mlp, (z, labels): (Tensor<2>, Tensor<2>), _| {
        let logits = net.forward(z);
        (softplus(logits.clone(), 1.0) - labels * logits).mean()
    };
    let recipe = Recipe {
        seed: settings.seed,
        validation_steps: 50,
        ..Recipe::new(STEPS, RATE)
    };
    let trained = recipe.fit(
        config(dims).init(noise, &device.clone().autodiff()),
        train.len() / size,
        &Data::train(epoch).validate(|_| [select(held_out, device)]),
        OneThread(loss),
        &mut (),
    )?;
    Ok(trained.into_best())
}

/// Distinguishes the noise of this network from that of the density.
const VALIDITY: u64 = 0x7661_6c69_6469_7479;
