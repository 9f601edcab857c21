use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::{
    Activation, InBlocks, MlpConfig, ModulationConfig, Network, Noise, ResidualMlpConfig, Tangents,
    WithContext, precision,
};
use thalweg_laws::scramble;

use super::fields::{assert_close, host, points};

const ACTIVATIONS: [Activation; 4] = [
    Activation::Relu,
    Activation::Tanh,
    Activation::Silu,
    Activation::LeakyRelu,
];

fn normal<const D: usize>(shape: [usize; D], seed: u64) -> Tensor<D> {
    Noise::seeded(seed).normal(shape, &Device::default(), DType::F64)
}

/// `∂yᵢ/∂xⱼ` by autodiff, at `[row][i][j]`.
fn jacobians<C>(network: &impl Network<C>, x: &Tensor<2>, context: &C) -> Vec<Vec<Vec<f64>>> {
    let [batch, inputs] = x.dims();
    let trained = network.clone().train();
    let [_, outputs] = network.apply(x.clone(), context).dims();
    let mut all = vec![vec![]; batch];
    for output in 0..outputs {
        let leaf = x.clone().autodiff().require_grad();
        let y = trained.apply(leaf.clone(), context);
        let gradients = y.slice([0..batch, output..output + 1]).sum().backward();
        let gradient = leaf
            .grad(&gradients)
            .map_or(vec![0.0; batch * inputs], host);
        for (row, gradient) in gradient.chunks(inputs).enumerate() {
            all[row].push(gradient.to_vec());
        }
    }
    all
}

/// Tangents and divergences of a network against its Jacobian.
fn check<C>(network: impl Tangents<C>, x: &Tensor<2>, features: usize, context: &C) {
    let (network, [batch, _]) = (precision::cast(network, DType::F64).expect("f64"), x.dims());
    let jacobians = jacobians(&network, x, context);
    let value = host(network.apply(x.clone(), context));

    let directions: Tensor<3> = normal([2, batch, features], 9);
    let (y, tangents) = network.tangents(x.clone(), directions.clone(), context);
    assert_close(&host(y), &value, 1e-12);
    let directions = host(directions);
    let along = |direction: usize, row: usize| {
        let first = (direction * batch + row) * features;
        &directions[first..first + features]
    };
    let expected: Vec<f64> = (0..2)
        .flat_map(|direction| (0..batch).map(move |row| (direction, row)))
        .flat_map(|(direction, row)| {
            let e = along(direction, row);
            let products = jacobians[row].iter();
            products.map(move |j| j.iter().zip(e).map(|(j, e)| j * e).sum::<f64>())
        })
        .collect();
    assert_close(&host(tangents), &expected, 1e-12);

    let (y, trace) = network.divergence(x.clone(), features, context);
    assert_close(&host(y), &value, 1e-12);
    let diagonal = |j: &Vec<Vec<f64>>| (0..features).map(|i| j[i][i]).sum();
    let expected: Vec<f64> = jacobians.iter().map(diagonal).collect();
    assert_close(&host(trace), &expected, 1e-12);
}

#[test]
fn perceptrons_of_any_depth_and_activation() {
    let (x, device) = (normal([5, 4], 1), Device::default());
    for hidden in [vec![], vec![6], vec![6, 5], vec![6, 5, 7]] {
        for activation in ACTIVATIONS {
            for last in [None, Some(activation)] {
                let config = MlpConfig::new(4, hidden.clone(), 3).with_activation(activation);
                let mlp = config
                    .with_output_activation(last)
                    .init(&mut Noise::seeded(2), &device);
                check(mlp.clone(), &x, 3, &());
                check(mlp, &x, 2, &());
            }
        }
    }
}

#[test]
fn residual_networks() {
    let x = normal([5, 3], 1);
    for activation in ACTIVATIONS {
        let config = ResidualMlpConfig::new(3, 6, 2, 4).with_activation(activation);
        check(
            config.init(&mut Noise::seeded(2), &Device::default()),
            &x,
            3,
            &(),
        );
    }
}

/// A context shifts or gates the layers, and is held.
#[test]
fn modulated_networks() {
    let (x, device) = (normal([5, 2], 1), Device::default());
    for blocks in [InBlocks::Nothing, InBlocks::Shift, InBlocks::Gate] {
        let config = ResidualMlpConfig::new(2 + 3, 6, 2, 4).with_activation(Activation::Tanh);
        let network = config.init(&mut Noise::seeded(2), &device);
        let changes = ModulationConfig {
            first: true,
            blocks,
            norms: true,
        };
        let changes = changes.init([3, 6, 2], &mut Noise::seeded(3), &device);
        let network = scramble(network.with_modulation(changes), 0.2);
        check(WithContext::new(network), &x, 2, &normal([5, 3], 4));
    }
}

#[test]
fn networks_beside_a_context() {
    let (x, device) = (normal([5, 2], 1), Device::default());
    for rows in [1, 5] {
        let mlp = MlpConfig::new(2 + 3, vec![6, 5], 2).with_activation(Activation::Tanh);
        let mlp = mlp.init(&mut Noise::seeded(2), &device);
        check(WithContext::new(mlp), &x, 2, &normal([rows, 3], 4));
    }
}

/// Beyond the limit an input is constant: the derivative there is zero, and the others' stay.
#[test]
fn inputs_beyond_the_limit_have_no_derivative() {
    let x = points([[1e11, 0.5], [0.5, -1e12], [0.1, 0.2], [1e30, 1e30]]);
    for hidden in [vec![], vec![6], vec![6, 5], vec![6, 5, 7]] {
        let mlp = MlpConfig::new(2, hidden, 2).with_activation(Activation::LeakyRelu);
        let mlp = mlp.init(&mut Noise::seeded(2), &Device::default());
        let mlp = precision::cast(mlp, DType::F64).unwrap();
        let jacobians = jacobians(&mlp, &x, &());
        let (_, trace) = mlp.divergence(x.clone(), 2, &());
        let expected: Vec<f64> = jacobians.iter().map(|j| j[0][0] + j[1][1]).collect();
        assert_close(&host(trace), &expected, 1e-12);
        assert!(expected[0] != 0.0 && expected[3] == 0.0);
    }
}

/// A divergence is differentiable in the parameters: Burn differentiates it once more.
#[test]
fn a_divergence_has_gradients_in_the_parameters() {
    let device = Device::default();
    let x = normal([3, 2], 1);
    for hidden in [vec![6], vec![6, 5], vec![6, 5, 7]] {
        let config = MlpConfig::new(2, hidden.clone(), 2).with_activation(Activation::Silu);
        let mlp = precision::cast(config.init(&mut Noise::seeded(2), &device), DType::F64).unwrap();
        let trained = burn::module::Module::train(mlp.clone());
        let x = x.clone().autodiff();
        let (_, trace) = trained.divergence(x.clone(), 2, &());
        let gradients = trace.sum().backward();
        let found = burn::optim::GradientsParams::from_grads(gradients, &trained);

        // A step along the gradient by its length: central differences.
        struct Along<'a>(&'a burn::optim::GradientsParams, f64, f64);
        impl burn::module::ModuleMapper for Along<'_> {
            fn map_float<const D: usize>(
                &mut self,
                param: burn::module::Param<Tensor<D>>,
            ) -> burn::module::Param<Tensor<D>> {
                let Some(gradient) = self.0.get::<D>(param.id) else {
                    return param;
                };
                self.2 += host(gradient.clone().square().sum())[0];
                param.map(|value| value + gradient.mul_scalar(self.1))
            }
        }
        let divergence = |step: f64| {
            let mut along = Along(&found, step, 0.0);
            let moved = burn::module::Module::map(mlp.clone(), &mut along);
            let (_, trace) = moved.divergence(x.clone().inner(), 2, &());
            (host(trace.sum())[0], along.2)
        };
        let ((up, square), (down, _)) = (divergence(1e-6), divergence(-1e-6));
        let slope = (up - down) / 2e-6;
        assert!(square > 0.0);
        assert!(
            (slope - square).abs() < 1e-5 * square,
            "{hidden:?}: {slope}, {square}"
        );
    }
}
