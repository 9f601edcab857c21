//! Convolutions by matrix products.

use burn::module::{Module, ModuleMapper, Param};

use burn::tensor::{DType, Device, Tensor, module::conv2d, ops::ConvOptions};
use thalweg_device::cpu_devices;
use thalweg_flow::{
    ConvBlocksConfig, ConvNetConfig, Network, Noise, ResidualConvNetConfig, SameConv,
    SameConvConfig, WeightInit,
};

use crate::host::{assert_near, deviation, host, mean};

fn normal<const D: usize>(shape: [usize; D], seed: u64, device: &Device) -> Tensor<D> {
    Noise::seeded(seed).normal(shape, device, DType::F64)
}

/// Few inputs and many outputs go by copies of the inputs, the other way by sums of outputs; images
/// narrower than the kernel see its rim only through zeros.
#[test]
fn a_convolution_is_burns() {
    for device in cpu_devices() {
        for (inputs, outputs, kernel, [height, width]) in [
            (2, 5, 3, [6, 4]),
            (5, 2, 3, [6, 4]),
            (3, 3, 3, [5, 5]),
            (4, 1, 5, [3, 7]),
            (1, 4, 5, [7, 3]),
            (3, 2, 1, [2, 2]),
            (4, 2, 3, [1, 1]),
            (2, 4, 3, [1, 3]),
            (5, 2, 7, [2, 1]),
        ] {
            let x = normal([2, inputs, height, width], 1, &device);
            let weight = normal([outputs, inputs, kernel, kernel], 2, &device);
            let bias = normal([outputs], 3, &device);
            let found = SameConv::from_parameters(weight.clone(), bias.clone()).forward(x.clone());
            let margin = kernel / 2;
            let options = ConvOptions::new([1, 1], [margin, margin], [1, 1], 1);
            let expected = conv2d(x, weight, Some(bias), options);
            assert_eq!(found.dims(), expected.dims());
            assert_near(&host(found), &host(expected), 1e-12);
        }
    }
}

#[test]
fn its_gradients_are_burns() {
    for device in cpu_devices() {
        for [inputs, outputs] in [[2, 5], [5, 2]] {
            let leaf = |tensor: Tensor<4>| tensor.autodiff().require_grad();
            let x = leaf(normal([2, inputs, 4, 3], 1, &device));
            let weight = leaf(normal([outputs, inputs, 3, 3], 2, &device));
            let bias = normal([outputs], 3, &device);
            let direction = normal([2, outputs, 4, 3], 4, &device);
            let options = ConvOptions::new([1, 1], [1, 1], [1, 1], 1);
            let expected = conv2d(x.clone(), weight.clone(), Some(bias.clone()), options);
            let expected = (expected * direction.clone()).sum().backward();
            let layer = SameConv::from_parameters(weight.clone(), bias);
            // The layer's parameter is a leaf of its own.
            let found = (layer.forward(x.clone()) * direction).sum().backward();
            let gradient =
                |gradients, tensor: &Tensor<4>| host(tensor.grad(gradients).expect("a gradient"));
            assert_near(&gradient(&found, &x), &gradient(&expected, &x), 1e-12);
        }
    }
}

#[test]
#[should_panic(expected = "an odd, square kernel, got 2 × 2")]
fn an_even_kernel() {
    let device = Device::default();
    SameConv::from_parameters(
        Tensor::zeros([1, 1, 2, 2], &device),
        Tensor::zeros([1], &device),
    );
}

#[test]
#[should_panic(expected = "takes 3 channels, it is given 2")]
fn other_channels() {
    let device = Device::default();
    let layer = SameConvConfig::new(3, 4, 3).init(&mut Noise::seeded(0), &device);
    layer.forward(Tensor::zeros([1, 2, 4, 4], &device));
}

#[test]
fn networks_start_at_zero() {
    for device in cpu_devices() {
        let x = normal([2, 3, 4, 4], 1, &device).cast(DType::F32);
        let noise = &mut Noise::seeded(0);
        let net = ConvNetConfig::new(3, 8, 2)
            .with_gain(true)
            .init(noise, &device);
        assert!(host(net.forward(x.clone())).iter().all(|y| *y == 0.0));
        let net = ResidualConvNetConfig::new(3, 8, 2, 2).init(noise, &device);
        assert!(host(net.forward(x)).iter().all(|y| *y == 0.0));
    }
}

/// With weights of Glow's deviation the hidden layers would be far from unit variance without.
#[test]
fn initialization_normalizes_each_hidden_layer() {
    for device in cpu_devices() {
        let x = normal([16, 3, 6, 6], 1, &device).cast(DType::F32) * 7.0 + 3.0;
        let one = SameConvConfig::new(3, 8, 3)
            .with_init(WeightInit::Glow)
            .with_actnorm(true)
            .init(&mut Noise::seeded(0), &device);
        let fitted = Network::<(), 4>::initialize(one.clone(), x.clone(), &());
        let y = fitted.expect("finite data").forward(x.clone());
        for channel in 0..8 {
            let values = host(y.clone().narrow(1, channel, 1));
            assert!(mean(&values).abs() < 1e-4 && (deviation(&values) - 1.0).abs() < 1e-4);
        }
        assert!(deviation(&host(one.forward(x))) > 1.1);
    }
}

/// Each output is multiplied by `exp(3 g)`: what Glow's code does.
#[test]
fn a_gain_of_g_multiplies_by_exp_3_g() {
    for device in cpu_devices() {
        let x = normal([2, 3, 4, 4], 1, &device).cast(DType::F32);
        let config = SameConvConfig::new(3, 2, 3).with_gain(true);
        let layer = config.init(&mut Noise::seeded(0), &device);
        let gained = burn::module::Module::map(layer.clone(), &mut AddToGains(0.5));
        let expected = layer.forward(x.clone()) * 1.5f64.exp();
        assert_near(&host(gained.forward(x)), &host(expected), 1e-5);
    }
}

/// Adds a number to each parameter that starts at zero, which are the gains alone.
struct AddToGains(f64);

impl ModuleMapper for AddToGains {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match host(param.val()).iter().all(|value| *value == 0.0) {
            true => param.map(|gain| gain + self.0),
            false => param,
        }
    }
}

#[test]
fn blocks_add_what_their_layers_make() {
    for device in cpu_devices() {
        let x: Tensor<4> = Noise::seeded(1).normal([4, 3, 5, 4], &device, DType::F32);
        let config = ConvBlocksConfig::new(3, 2);
        let start = config.init(&mut Noise::seeded(2), &device);
        assert_eq!(host(start.forward(x.clone())), host(x.clone()));
        let none = ConvBlocksConfig::new(3, 0).init(&mut Noise::seeded(2), &device);
        assert_eq!(host(none.forward(x.clone())), host(x.clone()));
        let moved = thalweg_laws::scramble(start, 0.3).forward(x.clone());
        assert!(deviation(&host(moved - x)) > 0.01);
    }
}

/// A bias in front of an actnorm changes what it is fitted to, not what comes out.
#[test]
fn a_bias_before_an_actnorm_is_counted_and_fitted() {
    for device in cpu_devices() {
        let x: Tensor<4> = Noise::seeded(3).normal([8, 3, 4, 4], &device, DType::F32);
        let config = SameConvConfig::new(3, 5, 3).with_actnorm(true);
        let fitted = |config: SameConvConfig| {
            let layer = config.init(&mut Noise::seeded(4), &device);
            let layer = Network::<(), 4>::initialize(layer, x.clone(), &()).unwrap();
            (layer.num_params(), host(layer.forward(x.clone())))
        };
        let (count, plain) = fitted(config.clone());
        let (more, biased) = fitted(config.with_bias_before_actnorm(true));
        assert_eq!(more, count + 5);
        assert!(mean(&biased).abs() < 1e-5 && (deviation(&biased) - 1.0).abs() < 1e-3);
        assert_near(&biased, &plain, 1e-4);
    }
}
