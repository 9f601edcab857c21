//! Enums of layers pass each method on to the layer of their variant.

use std::cell::RefCell;

use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};

use thalweg_flow::invertible_backprop::{BackwardPass, Checkpoints, WithGradient};
use thalweg_flow::walk::{Detail, Usage, Visitor};
use thalweg_flow::{
    Base, Bijection, FlowError, LogDet, Network, Noise, Placement, Split, Transformer, layer_enum,
};

thread_local! {
    static CALLS: RefCell<Vec<&'static str>> = const { RefCell::new(vec![]) };
}

fn called<T>(method: &'static str, value: T) -> T {
    CALLS.with_borrow_mut(|calls| calls.push(method));
    value
}

/// The methods that were called since the last question.
fn calls() -> Vec<&'static str> {
    CALLS.take()
}

/// A layer of each kind, none of whose methods is the provided one.
#[derive(Module, Debug)]
struct Noisy {}

macro_rules! tensors {
    ($($method:ident),+) => {$(
        fn $method<const D: usize>(&self, x: Tensor<D>, _: Tensor<D>) -> (Tensor<D>, LogDet) {
            called(stringify!($method), (x, no_log_det()))
        }
    )+};
}

macro_rules! parts {
    ($($method:ident),+) => {$(
        fn $method<const D: usize>(
            &self,
            x: Tensor<D>,
            _: Split,
            _: Tensor<D>,
        ) -> (Tensor<D>, LogDet) {
            called(stringify!($method), (x, no_log_det()))
        }
    )+};
}

fn no_log_det() -> LogDet {
    Tensor::zeros([1], &Device::default())
}

impl Transformer for Noisy {
    fn parameters_per_feature(&self) -> usize {
        called("parameters_per_feature", 1)
    }

    tensors!(forward, inverse);
    parts!(forward_part, inverse_part);

    fn usage<const D: usize>(&self, _: Tensor<D>, _: Tensor<D>) -> Option<Usage> {
        called("usage", None)
    }
}

impl<C> Bijection<C> for Noisy {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        called("forward", (x, no_log_det()))
    }

    fn inverse(&self, z: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        called("inverse", (z, no_log_det()))
    }

    fn initialize(self, x: Tensor<2>, _: &C) -> Result<(Self, Tensor<2>), FlowError> {
        called("initialize", Ok((self, x)))
    }

    fn forward_checkpointed(
        &self,
        x: Tensor<2>,
        _: &C,
        _: &mut Checkpoints,
    ) -> (Tensor<2>, LogDet) {
        called("forward_checkpointed", (x, no_log_det()))
    }

    fn backward(
        &self,
        z: WithGradient<Tensor<2>>,
        _: &C,
        _: &mut BackwardPass,
    ) -> WithGradient<Tensor<2>> {
        called("backward", z)
    }

    fn walk<V: Visitor>(&self, x: Tensor<2>, _: &C, _: &mut V) -> Tensor<2> {
        called("walk", x)
    }
}

impl<C> Base<C> for Noisy {
    type Latent = Tensor<2>;

    fn log_prob(&self, _: Tensor<2>, _: &C) -> Tensor<1> {
        called("log_prob", no_log_det())
    }

    fn sample(&self, _: usize, _: f64, _: &mut Noise, at: &Placement, _: &C) -> Tensor<2> {
        called("sample", Tensor::zeros([1, 1], &at.device))
    }
}

impl<C> Network<C> for Noisy {
    fn apply(&self, x: Tensor<2>, _: &C) -> Tensor<2> {
        called("apply", x)
    }

    fn inputs(&self) -> Option<usize> {
        called("inputs", Some(1))
    }

    fn initialize(self, _: Tensor<2>, _: &C) -> Result<Self, FlowError> {
        called("initialize", Ok(self))
    }
}

/// Sees no layer.
struct Nobody;

impl Visitor for Nobody {
    fn enter(&mut self, step: String) {
        panic!("a layer has no steps, got {step}");
    }

    fn exit(&mut self) {}

    fn layer<C, B: Bijection<C>>(&mut self, _: &B, _: B::Data, _: &C, _: Vec<Detail>) -> B::Latent {
        panic!("the layer shows itself to nobody");
    }
}

trait Named {
    type Name;
    fn name(&self, prefix: &str) -> Self::Name;
    fn touch(&self) {}
}

impl Named for Noisy {
    type Name = String;

    fn name(&self, prefix: &str) -> String {
        called("name", format!("{prefix} noisy"))
    }

    fn touch(&self) {
        called("touch", ());
    }
}

layer_enum! {
    /// Two variants of one layer.
    enum Either {
        /// The first.
        This(Noisy),
        /// The second.
        That(Noisy),
    }
    impl Transformer;
    impl<C> Bijection<C>: Tensor<2> => Tensor<2>;
    impl<C> Base<C>: Tensor<2>;
    impl<C> Network<C, 2>;
    impl Named {
        type Name = String;
        fn name(&self, prefix: &str) -> String;
        fn touch(&self);
    }
}

#[test]
fn each_method_of_a_transformer_is_passed_on() {
    let x = || Tensor::<2>::zeros([1, 2], &Device::default());
    for layer in [Either::This(Noisy {}), Either::That(Noisy {})] {
        layer.parameters_per_feature();
        Transformer::forward(&layer, x(), x());
        Transformer::inverse(&layer, x(), x());
        layer.forward_part(x(), Split::half(), x());
        layer.inverse_part(x(), Split::half(), x());
        layer.usage(x(), x());
        let methods = [
            "parameters_per_feature",
            "forward",
            "inverse",
            "forward_part",
            "inverse_part",
            "usage",
        ];
        assert_eq!(calls(), methods);
    }
}

#[test]
fn each_method_of_a_bijection_is_passed_on() {
    let x = || Tensor::<2>::zeros([1, 2], &Device::default());
    for layer in [Either::This(Noisy {}), Either::That(Noisy {})] {
        Bijection::forward(&layer, x(), &());
        Bijection::inverse(&layer, x(), &());
        layer.forward_checkpointed(x(), &(), &mut Checkpoints::none());
        layer.walk(x(), &(), &mut Nobody);
        let fitted = Bijection::initialize(layer.clone(), x(), &());
        let (fitted, _) = fitted.expect("nothing to refuse");
        assert_eq!(
            std::mem::discriminant(&fitted),
            std::mem::discriminant(&layer)
        );
        assert_eq!(
            calls(),
            [
                "forward",
                "inverse",
                "forward_checkpointed",
                "walk",
                "initialize"
            ]
        );
    }
}

#[test]
fn each_method_of_a_density_and_of_a_network_is_passed_on() {
    let device = Device::default();
    let x = || Tensor::<2>::zeros([1, 2], &device);
    let placement = Placement {
        device: device.clone(),
        dtype: DType::F32,
    };
    let layer = Either::That(Noisy {});
    Base::log_prob(&layer, x(), &());
    Base::sample(&layer, 1, 1.0, &mut Noise::seeded(0), &placement, &());
    layer.apply(x(), &());
    Network::<()>::inputs(&layer);
    let fitted = Network::initialize(layer, x(), &()).expect("nothing to refuse");
    assert!(matches!(fitted, Either::That(_)));
    assert_eq!(
        calls(),
        ["log_prob", "sample", "apply", "inputs", "initialize"]
    );
}

#[test]
fn methods_of_other_traits_are_passed_on() {
    let layer = Either::This(Noisy {});
    layer.touch();
    assert_eq!(layer.name("very"), "very noisy");
    assert_eq!(calls(), ["touch", "name"]);
}
