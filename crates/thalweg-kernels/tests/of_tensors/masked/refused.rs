//! Networks and samples that do not fit are refused.

use super::*;

#[test]
#[should_panic(expected = "inputs and outputs are of features 0..2, got one of feature 2")]
fn an_input_of_no_feature_is_refused() {
    Degrees::grouped(vec![0, 1], 0, [vec![0, 2], vec![0]], vec![]);
}

#[test]
#[should_panic(
    expected = "one input of each of 2 features, two of an angle, and the same parameters of each, not 3 inputs"
)]
fn several_inputs_of_a_feature_are_not_packed() {
    let features = vec![0, 0, 1];
    let degrees = Degrees::grouped(vec![0, 1], 0, [features.clone(), features], vec![]);
    Network::new(degrees, Activation::Relu).packed();
}

#[test]
#[should_panic(expected = "the order of 3 features holds each of them once, got [0, 2, 2]")]
fn an_order_with_a_feature_twice_is_refused() {
    Degrees::new(vec![0, 2, 2], 0, 1, vec![]);
}

#[test]
#[should_panic(expected = "got [1, 2] in layer 0 and [1, 1] in layer 2")]
fn a_residual_network_of_several_degrees_is_refused() {
    let hidden = vec![vec![1, 2], vec![1, 2], vec![1, 1]];
    Degrees::new(vec![0, 1, 2], 0, 1, hidden).residual();
}

#[test]
#[should_panic(
    expected = "layer 1 of a masked network has 3 × 2 weights and 2 biases, got 5 and 2"
)]
fn weights_of_another_size_are_refused() {
    let degrees = Degrees::new(vec![0, 1], 0, 1, vec![vec![1; 3]]);
    let layers = vec![(vec![0.0; 6], vec![0.0; 3]), (vec![0.0; 5], vec![0.0; 2])];
    PackedMasked::new(&degrees, layers, Activation::Relu);
}

#[test]
#[should_panic(expected = "1 samples with 3 numbers of context got 2")]
fn a_context_of_another_length_is_refused() {
    let network = Network::new(Degrees::new(vec![0, 1], 3, 1, vec![]), Activation::Relu);
    let map = Map::Shift(Shift { subtracts: false });
    let layer = PackedAutoregressive::new(network.packed(), map, vec![]);
    run(&layer, Direction::Forward, &[0.0, 0.0], &[0.0, 0.0]);
}
