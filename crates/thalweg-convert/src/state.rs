//! The tensors of a checkpoint by name.

use std::collections::BTreeMap;

use burn::tensor::{DType, TensorData};
use safetensors::{Dtype, SafeTensors};

use crate::{ConvertError, Source};

/// The most submodules of a list.
const MOST: usize = 1 << 16;

/// Numbers in rows.
#[derive(Debug, Clone)]
pub(crate) struct Array {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f64>,
}

impl Array {
    /// # Errors
    ///
    /// When the shape is another one.
    pub(crate) fn of(self, shape: &[usize]) -> Result<Vec<f64>, ConvertError> {
        match self.shape == shape {
            true => Ok(self.values),
            false => Err(self.misshapen(format!("{shape:?}"))),
        }
    }

    pub(crate) fn misshapen(self, expected: impl Into<String>) -> ConvertError {
        ConvertError::Shape {
            name: self.name,
            found: self.shape,
            expected: expected.into(),
        }
    }
}

/// The tensors that no layer has taken yet, and those that need no home.
#[derive(Debug)]
pub(crate) struct StateDict {
    tensors: BTreeMap<String, Array>,
    buffers: Vec<String>,
}

impl StateDict {
    /// The tensors in a safetensors file.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, ConvertError> {
        let problem = |error: &dyn std::fmt::Display| ConvertError::Format(error.to_string());
        let file = SafeTensors::deserialize(bytes).map_err(|error| problem(&error))?;
        let mut tensors = BTreeMap::new();
        for (name, view) in file.tensors() {
            let dtype = match view.dtype() {
                Dtype::F64 => DType::F64,
                Dtype::F32 => DType::F32,
                Dtype::F16 => DType::F16,
                Dtype::BF16 => DType::BF16,
                Dtype::I64 => DType::I64,
                Dtype::I32 => DType::I32,
                Dtype::U8 | Dtype::BOOL => DType::U8,
                other => {
                    let dtype = format!("{other:?}");
                    return Err(ConvertError::Dtype { name, dtype });
                }
            };
            let shape = view.shape().to_vec();
            let data = TensorData::from_bytes_vec(view.data().to_vec(), shape.clone(), dtype);
            let array = Array {
                name: name.clone(),
                shape,
                values: data.iter::<f64>().collect(),
            };
            tensors.insert(name, array);
        }
        Ok(Self {
            tensors,
            buffers: vec![],
        })
    }

    /// Takes a prefix away that all tensors have.
    pub(crate) fn strip(&mut self, module: &str) {
        if self.tensors.keys().all(|name| is_in(name, module)) {
            let all = std::mem::take(&mut self.tensors).into_iter();
            let shorter = |(name, array): (String, _)| (name[module.len() + 1..].to_owned(), array);
            self.tensors = all.map(shorter).collect();
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    pub(crate) fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensors.get(name).map(|array| &array.shape[..])
    }

    /// The numbers of a tensor that stays.
    pub(crate) fn values(&self, name: &str) -> Option<&[f64]> {
        self.tensors.get(name).map(|array| &array.values[..])
    }

    /// Whether a module has a tensor.
    pub(crate) fn has_module(&self, module: &str) -> bool {
        self.tensors.keys().any(|name| is_in(name, module))
    }

    /// The number of submodules `module.0`, `module.1`, …: one more than the last that has a tensor. Numbers above
    /// [`MOST`] are no submodules, so that no name makes a loop endless.
    pub(crate) fn modules(&self, module: &str) -> usize {
        let number = |name: &String| -> Option<usize> {
            let rest = name.strip_prefix(module)?.strip_prefix('.')?;
            rest.split('.').next()?.parse().ok()
        };
        let numbers = self.tensors.keys().filter_map(number);
        let last = numbers.filter(|number| *number < MOST).max();
        last.map_or(0, |last| last + 1)
    }

    pub(crate) fn take(&mut self, name: &str) -> Result<Array, ConvertError> {
        let found = self.tensors.remove(name);
        found.ok_or_else(|| ConvertError::Missing(name.to_owned()))
    }

    pub(crate) fn vector(&mut self, name: &str, length: usize) -> Result<Vec<f64>, ConvertError> {
        self.take(name)?.of(&[length])
    }

    /// A vector of any shape, its axes of length 1 left out.
    pub(crate) fn flat(&mut self, name: &str, length: usize) -> Result<Vec<f64>, ConvertError> {
        let array = self.take(name)?;
        match array.values.len() == length {
            true => Ok(array.values),
            false => Err(array.misshapen(format!("{length} numbers"))),
        }
    }

    /// Whole numbers from 0 on, below a bound.
    pub(crate) fn indices(&mut self, name: &str, below: usize) -> Result<Vec<usize>, ConvertError> {
        let array = self.take(name)?;
        let index = |value: &f64| {
            let is_index = value.fract() == 0.0 && (0.0..below as f64).contains(value);
            is_index
                .then_some(*value as usize)
                .ok_or_else(|| ConvertError::Value {
                    name: name.to_owned(),
                    problem: format!("{value} is no index below {below}"),
                })
        };
        array.values.iter().map(index).collect()
    }

    /// [`indices`](Self::indices), each at most once.
    pub(crate) fn set(&mut self, name: &str, below: usize) -> Result<Vec<usize>, ConvertError> {
        let found = self.indices(name, below)?;
        let mut sorted = found.clone();
        sorted.sort_unstable();
        sorted.dedup();
        match sorted.len() == found.len() {
            true => Ok(found),
            false => Err(ConvertError::Value {
                name: name.to_owned(),
                problem: format!("each index is there once, got {found:?}"),
            }),
        }
    }

    /// Notes that a tensor needs no home, if it is there.
    pub(crate) fn buffer(&mut self, name: &str) {
        if self.tensors.remove(name).is_some() {
            self.buffers.push(name.to_owned());
        }
    }

    /// The tensors that need no home.
    ///
    /// # Errors
    ///
    /// Tensors that no layer has taken.
    pub(crate) fn finish(self, source: Source) -> Result<Vec<String>, ConvertError> {
        match self.tensors.is_empty() {
            true => Ok(self.buffers),
            false => Err(ConvertError::Unknown {
                source_library: source,
                names: self.tensors.into_keys().collect(),
            }),
        }
    }
}

fn is_in(name: &str, module: &str) -> bool {
    let rest = name.strip_prefix(module);
    rest.is_some_and(|rest| rest.starts_with('.'))
}
