//! From named tensors to a module.

use std::collections::{BTreeMap, BTreeSet};

use burn::module::{Module, ModuleMapper, Param, ParamId, ParameterValue};
use burn::tensor::{Bytes, DType, Int, Tensor, TensorData};
use safetensors::{Dtype, SafeTensors};
use thalweg_flow::parameter::{with_id, with_value};

use super::WeightProblem;

/// The module with the values of `tensors`, each in its saved dtype; or every tensor that does not
/// fit. A parameter with an id in `ids` takes that id.
pub(super) fn tensors<M: Module>(
    module: M,
    tensors: &SafeTensors,
    ids: &BTreeMap<String, ParamId>,
) -> Result<M, Vec<WeightProblem>> {
    let unused = tensors.names().into_iter().map(str::to_owned).collect();
    let mut applier = Applier {
        path: vec![],
        tensors,
        ids,
        unused,
        problems: vec![],
    };
    let module = module.map(&mut applier);
    let mut problems = applier.problems;
    let superfluous = applier.unused.into_iter();
    problems.extend(superfluous.map(|name| WeightProblem::Superfluous { name }));
    if problems.is_empty() {
        Ok(module)
    } else {
        Err(problems)
    }
}

struct Applier<'a> {
    path: Vec<String>,
    tensors: &'a SafeTensors<'a>,
    ids: &'a BTreeMap<String, ParamId>,
    unused: BTreeSet<String>,
    problems: Vec<WeightProblem>,
}

/// The numbers of a parameter.
#[derive(Clone, Copy)]
enum Kind {
    Float,
    Int,
}

impl Applier<'_> {
    /// The parameter at the current path under its saved id.
    fn known<T: ParameterValue>(&self, param: Param<T>) -> Param<T> {
        let Some(id) = self.ids.get(&self.path.join(".")) else {
            return param;
        };
        with_id(param, *id)
    }

    /// The saved data of the parameter at the current path, if it has this shape and kind.
    fn take(&mut self, shape: &[usize], kind: Kind) -> Option<TensorData> {
        let name = self.path.join(".");
        let Ok(view) = self.tensors.tensor(&name) else {
            self.problems.push(WeightProblem::Missing { name });
            return None;
        };
        self.unused.remove(&name);
        if view.shape() != shape {
            let (found, needed) = (view.shape().to_vec(), shape.to_vec());
            let problem = WeightProblem::Shape {
                name,
                found,
                needed,
            };
            self.problems.push(problem);
            return None;
        }
        let dtype = match (kind, view.dtype()) {
            (Kind::Float, Dtype::F64) => DType::F64,
            (Kind::Float, Dtype::F32) => DType::F32,
            (Kind::Float, Dtype::F16) => DType::F16,
            (Kind::Float, Dtype::BF16) => DType::BF16,
            (Kind::Int, Dtype::I64) => DType::I64,
            (Kind::Int, Dtype::I32) => DType::I32,
            (kind, found) => {
                let needed = match kind {
                    Kind::Float => "F64, F32, F16 or BF16",
                    Kind::Int => "I64 or I32",
                };
                let found = found.to_string();
                let problem = WeightProblem::Type {
                    name,
                    found,
                    needed,
                };
                self.problems.push(problem);
                return None;
            }
        };
        let bytes = Bytes::from_bytes_vec(view.data().to_vec());
        Some(TensorData::from_bytes(bytes, shape, dtype))
    }
}

impl ModuleMapper for Applier<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(data) = self.take(&param.val().dims(), Kind::Float) else {
            return param;
        };
        let dtype = data.dtype();
        let param = with_value(param, |old| Tensor::from_data(data, (&old.device(), dtype)));
        self.known(param)
    }

    fn map_int<const D: usize>(&mut self, param: Param<Tensor<D, Int>>) -> Param<Tensor<D, Int>> {
        let Some(data) = self.take(&param.val().dims(), Kind::Int) else {
            return param;
        };
        // Backends differ in the width of their integers; the indices fit in any.
        let param = param.map(|old| Tensor::from_data(data, (&old.device(), old.dtype())));
        self.known(param)
    }
}
