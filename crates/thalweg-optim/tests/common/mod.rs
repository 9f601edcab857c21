//! What several test files need.
#![allow(dead_code)] // each test file uses its part

use std::path::Path;

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{DType, Device, Tensor, TensorData};
use safetensors::SafeTensors;
use thalweg_optim::Parameters;
use thalweg_optim::{Evaluation, EvaluationError, Minimizer};

/// A point of the plane, or of any space.
#[derive(Module, Debug)]
pub(crate) struct Position {
    pub(crate) x: Param<Tensor<1>>,
}

impl Position {
    pub(crate) fn at(x: &[f64], device: &Device) -> Self {
        let x = TensorData::new(x.to_vec(), [x.len()]);
        let device = device.clone().autodiff();
        Self {
            x: Param::from_tensor(Tensor::from_data(x, (&device, DType::F64))),
        }
    }

    pub(crate) fn numbers(&self) -> Vec<f64> {
        numbers(self)
    }
}

pub(crate) fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

/// All trainable numbers of a module.
pub(crate) fn numbers<M: Module>(module: &M) -> Vec<f64> {
    let tensors = Parameters::of(module).into_tensors();
    tensors.into_iter().flat_map(host).collect()
}

/// One step down a loss.
pub(crate) fn step<M: Module>(
    minimizer: &mut impl Minimizer<M>,
    h: f64,
    model: M,
    loss: impl Fn(&M) -> Tensor<1>,
) -> (M, Result<f64, EvaluationError>) {
    let (model, loss) = minimizer.step(h, model, &mut |model: &M| {
        Evaluation::new(loss(model), model)
    });
    (model, loss.and_then(|mut loss| loss.read()))
}

#[track_caller]
pub(crate) fn assert_near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (index, (f, e)) in found.iter().zip(expected).enumerate() {
        let bound = tolerance * e.abs().max(1.0);
        assert!(
            (f - e).abs() <= bound,
            "[{index}] is {f:e}, should be {e:e}"
        );
    }
}

/// The network of the reference file.
#[derive(Module, Debug)]
pub(crate) struct Mlp {
    first: Linear,
    second: Linear,
    third: Linear,
}

impl Mlp {
    pub(crate) fn loss(&self, x: &Tensor<2>, y: &Tensor<2>) -> Tensor<1> {
        let h = self.first.forward(x.clone()).tanh();
        let h = self.second.forward(h).tanh();
        (self.third.forward(h) - y.clone()).square().mean()
    }

    /// Layer by layer, weights turned as the file has them.
    pub(crate) fn numbers(&self) -> Vec<f64> {
        let layers = [&self.first, &self.second, &self.third];
        let layer = |layer: &Linear| {
            let weight = host(layer.weight.val().inner().transpose());
            let bias = layer.bias.as_ref().map(|bias| host(bias.val().inner()));
            [weight, bias.expect("a bias")].concat()
        };
        layers.into_iter().flat_map(layer).collect()
    }
}

/// The reference file.
pub(crate) struct Reference {
    bytes: Vec<u8>,
}

impl Reference {
    pub(crate) fn open() -> Self {
        let path = "tests/golden/torch_optim_mlp.f64.safetensors";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        Self {
            bytes: std::fs::read(path).expect("the reference file"),
        }
    }

    pub(crate) fn numbers(&self, name: &str) -> Vec<f64> {
        let file = SafeTensors::deserialize(&self.bytes).expect("a whole file");
        let data = file.tensor(name).expect("a tensor of this name");
        let (chunks, _) = data.data().as_chunks::<8>();
        chunks.iter().copied().map(f64::from_le_bytes).collect()
    }

    pub(crate) fn matrix(&self, name: &str, shape: [usize; 2], device: &Device) -> Tensor<2> {
        let data = TensorData::new(self.numbers(name), shape);
        Tensor::from_data(data, (device, DType::F64))
    }

    pub(crate) fn data(&self, device: &Device) -> [Tensor<2>; 2] {
        [
            self.matrix("x", [32, 4], device),
            self.matrix("y", [32, 2], device),
        ]
    }

    pub(crate) fn mlp(&self, device: &Device) -> Mlp {
        let device = device.clone().autodiff();
        let layer = |name: usize, [inputs, outputs]: [usize; 2]| {
            let weight = self.matrix(&format!("param.{name}.weight"), [outputs, inputs], &device);
            let bias = self.matrix(&format!("param.{name}.bias"), [1, outputs], &device);
            let leaf = |tensor: Tensor<2>| tensor.inner().autodiff().require_grad();
            Linear {
                weight: Param::from_tensor(leaf(weight.transpose())),
                bias: Some(Param::from_tensor(
                    bias.inner().reshape([outputs]).autodiff().require_grad(),
                )),
            }
        };
        Mlp {
            first: layer(0, [4, 8]),
            second: layer(2, [8, 8]),
            third: layer(4, [8, 2]),
        }
    }
}
