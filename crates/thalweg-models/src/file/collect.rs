//! From a module to named tensors.

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::tensor::{DType, Int, Tensor, TensorData};
use safetensors::Dtype;

/// A parameter on the host, as safetensors writes it.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) id: ParamId,
    pub(super) dtype: Dtype,
    pub(super) shape: Vec<usize>,
    pub(super) bytes: Vec<u8>,
}

/// Every parameter of `module` under its path, in order of the paths.
pub(super) fn tensors<M: Module>(module: &M) -> Result<Vec<Named>, String> {
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
        let name = self.path.join(".");
        let dtype = match data.dtype() {
            DType::F64 => Dtype::F64,
            DType::F32 => Dtype::F32,
            DType::F16 => Dtype::F16,
            DType::BF16 => Dtype::BF16,
            DType::I64 => Dtype::I64,
            DType::I32 => Dtype::I32,
            other => {
                self.problem = Some(format!("{name} is of type {other:?}, which is not saved"));
                return;
            }
        };
        let shape = data.shape().to_vec();
        self.tensors.push(Named {
            name,
            id,
            dtype,
            shape,
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
