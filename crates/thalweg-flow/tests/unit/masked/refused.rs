//! Layers, inputs and orders that do not fit are refused.

use super::*;

fn linear_layer(inputs: usize, outputs: usize) -> Linear {
    let (device, mut noise) = (Device::default(), Noise::seeded(0));
    linear([inputs, outputs], WeightInit::FanIn, &mut noise, &device)
}

#[test]
#[should_panic(expected = "has weights [[3, 4], [4, 3]], got [[3, 4], [5, 3]]")]
fn layers_that_do_not_fit_their_degrees_are_refused() {
    let degrees = Degrees::new(vec![0, 1, 2], 0, 1, vec![vec![1, 2, 1, 2]]);
    let layers = vec![linear_layer(3, 4), linear_layer(5, 3)];
    MaskedMlp::from_layers(layers, degrees, Activation::Relu);
}

#[test]
#[should_panic(expected = "3 features and 2 numbers of context takes [batch, 5] and got [1, 4]")]
fn other_inputs_are_refused() {
    let device = Device::default();
    let config = MaskedMlpConfig::new(3, vec![4], 1).with_context(2);
    let network = config.init(&mut Noise::seeded(0), &device);
    network.forward(Tensor::zeros([1, 4], &device));
}

#[test]
#[should_panic(expected = "the transformer takes 2 for each of 4")]
fn a_network_of_other_parameters_is_refused() {
    let device = Device::default();
    let network = MaskedMlpConfig::new(4, vec![4], 3).init(&mut Noise::seeded(0), &device);
    let layer = Autoregressive::new(Affine::new(), network);
    Bijection::<()>::forward(&layer, Tensor::zeros([1, 4], &device), &());
}

#[test]
#[should_panic(expected = "an order of 2: [1, 0]")]
fn an_order_of_other_features_is_refused() {
    let config = MaskedMlpConfig::new(3, vec![4], 1).with_order(vec![1, 0]);
    config.init(&mut Noise::seeded(0), &Device::default());
}

#[test]
#[should_panic(expected = "once for each block, got [4, 5]")]
fn residual_blocks_of_several_widths_are_refused() {
    let config = MaskedMlpConfig::new(3, vec![4, 5], 1).with_residual(true);
    config.init(&mut Noise::seeded(0), &Device::default());
}

#[test]
#[should_panic(expected = "1 constant for all of them, not 3")]
fn constants_of_several_features_are_refused() {
    let device = Device::default();
    let scale = TanhLearned::new(3, &device);
    let network = MaskedMlpConfig::new(3, vec![4], 2).init(&mut Noise::seeded(0), &device);
    Autoregressive::new(Affine::with_scale_map(scale), network);
}

#[test]
#[should_panic(expected = "a layer of 4 features got samples [3, 1, 1]")]
fn a_plan_of_other_samples_is_refused() {
    Flow::new(layer(4, &Device::default()), StandardNormal::new(3)).compile();
}
