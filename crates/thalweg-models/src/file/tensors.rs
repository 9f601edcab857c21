//! From a module to named tensors and back.

use std::collections::{BTreeMap, BTreeSet};

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId, ParameterValue};
use burn::tensor::{Bytes, DType, Int, Tensor, TensorData};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use thalweg_flow::parameter::{with_id, with_value};

use super::WeightProblem;

/// The types of floats in files.
const FLOATS: &[(DType, Dtype)] = &[
    (DType::F64, Dtype::F64),
    (DType::F32, Dtype::F32),
    (DType::F16, Dtype::F16),
    (DType::BF16, Dtype::BF16),
];

/// The types of whole numbers in files.
const INTS: &[(DType, Dtype)] = &[(DType::I64, Dtype::I64), (DType::I32, Dtype::I32)];

/// A parameter on the host, as safetensors writes it.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) id: ParamId,
    pub(super) dtype: Dtype,
    pub(super) shape: Vec<usize>,
    pub(super) bytes: Vec<u8>,
}

/// Every parameter of `module` under its path, in order of the paths.
pub(super) fn collect<M: Module>(module: &M) -> Result<Vec<Named>, String> {
    let mut collector = Collector::default();
    module.visit(&mut collector);
    if let Some(problem) = collector.problem {
        return Err(problem);
    }
    collector.tensors.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(collector.tensors)
}

#[derive(Default)]
struct Collector {
    path: Vec<String>,
    tensors: Vec<Named>,
    problem: Option<String>,
}

impl Collector {
    fn push(&mut self, id: ParamId, data: TensorData) {
        let (name, dtype) = (self.path.join("."), data.dtype());
        let mut types = FLOATS.iter().chain(INTS);
        let Some((_, dtype)) = types.find(|(own, _)| *own == dtype) else {
            self.problem = Some(format!("{name} is of type {dtype:?}, which is not saved"));
            return;
        };
        self.tensors.push(Named {
            name,
            id,
            dtype: *dtype,
            shape: data.shape().to_vec(),
            bytes: data.as_bytes().to_vec(),
        });
    }
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.push(param.id, param.val().into_data());
    }

    fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
        self.push(param.id, param.val().into_data());
    }
}

/// The module with the values of `tensors`, each in its saved dtype; or every tensor that does not
/// fit. A parameter with an id in `ids` takes that id.
pub(super) fn apply<M: Module>(
    module: M,
    tensors: &BTreeMap<String, TensorView>,
    ids: &BTreeMap<String, ParamId>,
) -> Result<M, Vec<WeightProblem>> {
    let unused = tensors.keys().cloned().collect();
    let mut applier = Applier {
        path: vec![],
        owners: vec![],
        tensors,
        ids,
        unused,
        problems: vec![],
    };
    let module = module.map(&mut applier);
    let mut problems = applier.problems;
    let superfluous = applier.unused.into_iter();
    problems.extend(superfluous.map(|name| WeightProblem::Superfluous { name }));
    match problems.is_empty() {
        true => Ok(module),
        false => Err(problems),
    }
}

struct Applier<'a> {
    path: Vec<String>,
    /// The type that each part of the path is a field of.
    owners: Vec<String>,
    tensors: &'a BTreeMap<String, TensorView<'a>>,
    ids: &'a BTreeMap<String, ParamId>,
    unused: BTreeSet<String>,
    problems: Vec<WeightProblem>,
}

impl Applier<'_> {
    /// The parameter at the current path under its saved id.
    fn known<T: ParameterValue>(&self, param: Param<T>) -> Param<T> {
        match self.ids.get(&self.path.join(".")) {
            Some(id) => with_id(param, *id),
            None => param,
        }
    }

    /// The saved data of the parameter at the current path, if it has this shape and a type among
    /// these.
    fn take(&mut self, shape: &[usize], types: &[(DType, Dtype)]) -> Option<TensorData> {
        let found = self.find(self.path.join("."), shape, types);
        found.map_err(|problem| self.problems.push(problem)).ok()
    }

    fn find(
        &mut self,
        name: String,
        shape: &[usize],
        types: &[(DType, Dtype)],
    ) -> Result<TensorData, WeightProblem> {
        let Some(view) = self.tensors.get(&name) else {
            return Err(WeightProblem::Missing { name });
        };
        self.unused.remove(&name);
        if view.shape() != shape {
            return Err(WeightProblem::Shape {
                name,
                found: view.shape().to_vec(),
                needed: shape.to_vec(),
            });
        }
        let Some((dtype, _)) = types.iter().find(|(_, saved)| *saved == view.dtype()) else {
            return Err(WeightProblem::Type {
                name,
                found: view.dtype().to_string(),
                needed: match types == FLOATS {
                    true => "F64, F32, F16 or BF16",
                    false => "I64 or I32",
                },
            });
        };
        let bytes = Bytes::from_bytes_vec(view.data().to_vec());
        Ok(TensorData::from_bytes(bytes, shape, *dtype))
    }
}

impl ModuleMapper for Applier<'_> {
    fn enter_module(&mut self, name: &str, owner: &str) {
        self.path.push(name.to_owned());
        self.owners.push(owner.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
        self.owners.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(data) = self.take(&param.val().dims(), FLOATS) else {
            return param;
        };
        let dtype = data.dtype();
        let param = with_value(param, |old| Tensor::from_data(data, (&old.device(), dtype)));
        self.known(param)
    }

    fn map_int<const D: usize>(&mut self, param: Param<Tensor<D, Int>>) -> Param<Tensor<D, Int>> {
        let Some(data) = self.take(&param.val().dims(), INTS) else {
            return param;
        };
        let field = self.owners.last().zip(self.path.last());
        if field.is_some_and(|(owner, field)| is_order(owner, field)) && !is_permutation(&data) {
            let (name, last) = (self.path.join("."), data.num_elements().saturating_sub(1));
            self.problems.push(WeightProblem::Order { name, last });
            return param;
        }
        // Backends differ in the width of their integers; the indices fit in any.
        let param = param.map(|old| Tensor::from_data(data, (&old.device(), old.dtype())));
        self.known(param)
    }
}

/// Whether a field of a layer is an order of features, by which a device indexes memory.
fn is_order(owner: &str, field: &str) -> bool {
    matches!(
        (owner, field),
        ("Struct:Permutation", "indices" | "inverse_indices") | ("Struct:Plu", "order")
    )
}

/// Whether each of `0..n` is there once.
fn is_permutation(data: &TensorData) -> bool {
    let mut seen = vec![false; data.num_elements()];
    data.iter::<i64>().all(|index| {
        let slot = usize::try_from(index)
            .ok()
            .and_then(|index| seen.get_mut(index));
        slot.is_some_and(|slot| !std::mem::replace(slot, true))
    })
}
