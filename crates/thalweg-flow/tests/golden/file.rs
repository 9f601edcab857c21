//! Reading a reference file.

use std::collections::BTreeMap;
use std::path::Path;

use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{DType, Device, Tensor, TensorData};
use safetensors::{Dtype, SafeTensors};
use thalweg_flow::{Activation, ConvNet, Mlp, Permutation, SameConv};

/// The numbers of one file, in f64 whatever it holds.
pub(crate) struct File {
    tensors: BTreeMap<String, (Vec<usize>, Vec<f64>)>,
    dtype: DType,
}

impl File {
    pub(crate) fn open(case: &str, dtype: DType) -> Self {
        let suffix = if dtype == DType::F64 { "f64" } else { "f32" };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        let bytes = std::fs::read(folder.join(format!("{case}.{suffix}.safetensors")));
        let bytes = bytes.expect("a file of this case");
        let file = SafeTensors::deserialize(&bytes).expect("a whole file");
        let numbers = |dtype, bytes: &[u8]| match dtype {
            Dtype::F64 => Some(decode(bytes, f64::from_le_bytes)),
            Dtype::F32 => Some(decode(bytes, |b| f64::from(f32::from_le_bytes(b)))),
            Dtype::I64 => Some(decode(bytes, |b| i64::from_le_bytes(b) as f64)),
            _ => None, // the libraries' flags
        };
        let tensors = file.iter().filter_map(|(name, view)| {
            let numbers = numbers(view.dtype(), view.data())?;
            Some((name.to_owned(), (view.shape().to_vec(), numbers)))
        });
        Self {
            tensors: tensors.collect(),
            dtype,
        }
    }

    /// The numbers of this name.
    pub(crate) fn numbers(&self, name: &str) -> &[f64] {
        &self.tensor_of(name).1
    }

    /// Names that begin so, without that beginning.
    pub(crate) fn names(&self, beginning: &str) -> Vec<&str> {
        let names = self.tensors.keys();
        names
            .filter_map(|name| name.strip_prefix(beginning))
            .collect()
    }

    /// The tensor of this name; one of another rank is laid out as rows, or as one row.
    pub(crate) fn tensor<const D: usize>(&self, name: &str, device: &Device) -> Tensor<D> {
        let (shape, numbers) = self.tensor_of(name);
        let shape = match D {
            1 => vec![numbers.len()],
            2 => vec![shape[0], numbers.len() / shape[0]],
            _ => shape.clone(),
        };
        Tensor::from_data(
            TensorData::new(numbers.clone(), shape),
            (device, self.dtype),
        )
    }

    /// Whether there is a tensor of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// The order of features of this name.
    pub(crate) fn permutation<const D: usize>(
        &self,
        name: &str,
        device: &Device,
    ) -> Permutation<D> {
        let order = self.numbers(name).iter().map(|index| *index as usize);
        Permutation::new(&order.collect::<Vec<_>>(), device).expect("a permutation")
    }

    /// The convolution of these parameters.
    pub(crate) fn convolution(&self, name: &str, device: &Device) -> SameConv {
        SameConv::from_parameters(
            self.tensor(&format!("param.{name}.weight"), device),
            self.tensor(&format!("param.{name}.bias"), device),
        )
    }

    /// The 3×3-1×1-3×3 network of the convolutions of these names.
    pub(crate) fn conv_net(
        &self,
        names: [&str; 3],
        activation: Activation,
        device: &Device,
    ) -> ConvNet {
        let [first, middle, last] = names.map(|name| self.convolution(name, device));
        ConvNet::from_layers(first, middle, last, activation)
    }

    /// Ones in the file's precision.
    pub(crate) fn ones<const D: usize>(&self, shape: [usize; D], device: &Device) -> Tensor<D> {
        Tensor::ones(shape, (device, self.dtype))
    }

    /// The linear layer of these parameters, its weight turned from `[outputs, inputs]`.
    pub(crate) fn linear(&self, name: &str, device: &Device) -> Linear {
        let weight: Tensor<2> = self.tensor(&format!("param.{name}.weight"), device);
        let bias = self.tensor(&format!("param.{name}.bias"), device);
        Linear {
            weight: Param::from_tensor(weight.transpose()),
            bias: Some(Param::from_tensor(bias)),
        }
    }

    /// The MLP of ReLUs whose layers have these numbers in PyTorch's `Sequential`.
    pub(crate) fn mlp(&self, name: &str, layers: &[usize], device: &Device) -> Mlp {
        let layers = layers
            .iter()
            .map(|n| self.linear(&format!("{name}.{n}"), device));
        Mlp::from_layers(layers.collect(), Activation::Relu)
    }

    fn tensor_of(&self, name: &str) -> &(Vec<usize>, Vec<f64>) {
        let tensor = self.tensors.get(name);
        tensor.unwrap_or_else(|| panic!("the file has no tensor {name}"))
    }
}

fn decode<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    let (chunks, _) = bytes.as_chunks::<N>();
    chunks.iter().copied().map(number).collect()
}
