//! A trial of an optimizer of Burn on four numbers: it has no name and no list of settings.

use std::collections::BTreeMap;

use burn::module::{Module, Param};
use burn::optim::grad_clipping::GradientClipping;
use burn::optim::{GradientsParams, ModuleOptimizer, OptimizerRecord};
use burn::store::RecordError;
use burn::tensor::{Bytes, DType, Device, Shape, Tensor, TensorData};
use burn_pack::Reader;

/// A tensor of an optimizer's memory, with its parameter and its name.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    pub(crate) parameter: u64,
    pub(crate) name: String,
    pub(crate) data: TensorData,
}

/// The tensors and the numbers of a record.
pub(crate) struct Leaves {
    pub(crate) tensors: Vec<Leaf>,
    pub(crate) numbers: BTreeMap<String, String>,
}

impl Leaves {
    pub(crate) fn of(record: OptimizerRecord) -> Result<Self, RecordError> {
        Self::read(record.into_bytes()?)
    }

    pub(crate) fn read(bytes: Bytes) -> Result<Self, RecordError> {
        let reader = Reader::from_bytes(bytes)?;
        let numbers = reader.scalars().iter();
        let numbers = numbers.map(|(name, value)| (name.clone(), format!("{value:?}")));
        let numbers = numbers.collect();
        let tensors = reader.into_tensors()?.into_iter().map(|tensor| {
            let (name, dtype, shape, id, bytes): (String, DType, Shape, _, _) =
                tensor.into_parts()?;
            Ok(Leaf {
                parameter: id.unwrap_or_default(),
                name: own_name(&name),
                data: TensorData::from_bytes(bytes, shape, dtype),
            })
        });
        Ok(Self {
            tensors: tensors.collect::<Result<_, RecordError>>()?,
            numbers,
        })
    }
}

/// The name without the parameter at its start.
fn own_name(name: &str) -> String {
    name.split_once('.').map_or(name, |(_, own)| own).to_owned()
}

/// The result of a trial.
#[derive(Debug, Clone)]
pub(crate) struct Trial {
    /// The memory after two small gradients. It distinguishes optimizers, and the settings of one kind
    /// that shape the memory.
    pub(crate) owner: String,
    /// Whether squares of gradients overflow in the memory.
    pub(crate) squares: bool,
    /// The names of the averages that have the shape of their parameter.
    pub(crate) whole: Vec<String>,
}

#[derive(Module, Debug)]
struct Square {
    x: Param<Tensor<2>>,
}

/// The shape of the trial: no optimizer refuses a matrix.
const SHAPE: [usize; 2] = [2, 2];

impl Trial {
    pub(crate) fn of(optimizer: &ModuleOptimizer) -> Self {
        // Smaller than any usual clipping.
        let leaves = remembered(optimizer, &[2e-4, 5e-5]);
        let mut parts = vec![];
        for (name, value) in &leaves.numbers {
            if !name.ends_with("__rank") {
                parts.push(format!("{} {value}", own_name(name)));
            }
        }
        for leaf in &leaves.tensors {
            let first = leaf.data.iter::<f64>().next().unwrap_or(0.0);
            parts.push(format!("{} {first:.4e}", leaf.name));
        }
        parts.sort();
        let owner = match parts.is_empty() {
            true => "an optimizer of Burn that remembers nothing".to_owned(),
            false => format!(
                "an optimizer of Burn that after the gradients 2e-4 and 5e-5 remembers [{}]",
                parts.join(", ")
            ),
        };
        let whole = leaves.tensors.iter();
        let whole = whole.filter(|leaf| leaf.data.shape().as_slice() == SHAPE);
        // Burn sums squares for a norm in the type of the gradient.
        let norm = matches!(optimizer.grad_clipping(), Some(GradientClipping::Norm(_)));
        let large = remembered(optimizer, &[1e25]);
        let mut numbers = large
            .tensors
            .iter()
            .flat_map(|leaf| leaf.data.iter::<f64>());
        Self {
            owner,
            squares: norm || numbers.any(|number| !number.is_finite()),
            whole: whole.map(|leaf| leaf.name.clone()).collect(),
        }
    }
}

/// A fresh optimizer like this one, after steps of size 0 with these gradients.
fn tried(optimizer: &ModuleOptimizer, gradients: &[f64]) -> ModuleOptimizer {
    let mut optimizer = optimizer.clone().load_record(OptimizerRecord::default());
    let device = Device::default();
    let like = |value: f64, device: &Device| Tensor::full(SHAPE, value, (device, DType::F32));
    let mut model = Square {
        x: Param::from_tensor(like(1.0, &device.clone().autodiff())),
    };
    for gradient in gradients {
        let mut grads = GradientsParams::new();
        grads.register(model.x.id, like(*gradient, &device));
        model = optimizer.step(0.0, model, grads);
    }
    optimizer
}

fn remembered(optimizer: &ModuleOptimizer, gradients: &[f64]) -> Leaves {
    leaves(tried(optimizer, gradients).to_record())
}

fn leaves(record: OptimizerRecord) -> Leaves {
    Leaves::of(record).expect("a record in memory is read as it was written")
}
