//! What a model is asked about: named tensors, which stand in a file.

use burn::tensor::{Device, Int, Tensor, TensorData};
use serde_json::{Map, Value, json};

/// Tensors by name, each with shape and numbers.
#[derive(Default)]
pub(super) struct Inputs(Map<String, Value>);

impl Inputs {
    pub(super) fn of_json(value: &Value) -> Self {
        Self(value.as_object().unwrap().clone())
    }

    pub(super) fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// With one tensor more, of numbers that fill the interval in no simple order and are exact in f32.
    pub(super) fn with(self, name: &str, shape: &[usize], [low, high]: [f64; 2]) -> Self {
        let count = shape.iter().product();
        let spread = |k: usize| ((k * 37 + 11) % 64) as f64 / 64.0;
        let numbers = (0..count).map(|k| low + (high - low) * spread(k));
        self.with_numbers(name, shape, numbers.collect())
    }

    /// With one tensor more, of these numbers.
    pub(super) fn with_numbers(mut self, name: &str, shape: &[usize], numbers: Vec<f64>) -> Self {
        let tensor = json!({"shape": shape, "numbers": numbers});
        self.0.insert(name.to_owned(), tensor);
        self
    }

    fn data(&self, name: &str) -> (Vec<f64>, Vec<usize>) {
        let tensor = &self.0[name];
        let list = |key: &str| tensor[key].as_array().unwrap().iter();
        let numbers = list("numbers").map(|number| number.as_f64().unwrap());
        let shape = list("shape").map(|size| size.as_u64().unwrap() as usize);
        (numbers.collect(), shape.collect())
    }

    pub(super) fn tensor<const D: usize>(&self, name: &str, device: &Device) -> Tensor<D> {
        let (numbers, shape) = self.data(name);
        let numbers: Vec<f32> = numbers.into_iter().map(|number| number as f32).collect();
        Tensor::from_data(TensorData::new(numbers, shape), device)
    }

    pub(super) fn whole<const D: usize>(&self, name: &str, device: &Device) -> Tensor<D, Int> {
        let (numbers, shape) = self.data(name);
        let numbers: Vec<i64> = numbers.into_iter().map(|number| number as i64).collect();
        Tensor::from_data(TensorData::new(numbers, shape), device)
    }
}
