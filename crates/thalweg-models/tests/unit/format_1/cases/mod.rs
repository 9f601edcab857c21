//! A small model of each kind.

mod composed;
mod of_codes;
mod of_images;
mod of_vectors;

use std::path::Path;

use burn::tensor::{Device, Tensor};
use thalweg_laws::scramble;
use thalweg_models::file::{load_model, save_model};
use thalweg_models::{ImageSize, ModelConfig};

use super::inputs::Inputs;

/// What the model in a file says of inputs.
type Find = dyn Fn(&Path, &Device, &Inputs) -> Vec<f64>;

/// A file, and what its model says of inputs.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) inputs: Inputs,
    pub(super) save: Box<dyn Fn(&Path)>,
    pub(super) find: Box<Find>,
}

/// A case of a model that `fitted` makes of the untrained one.
fn case<K: ModelConfig>(
    name: &'static str,
    config: K,
    fitted: impl Fn(K::Model, &Device) -> K::Model + 'static,
    inputs: Inputs,
    find: impl Fn(&K::Model, &Device, &Inputs) -> Vec<f64> + 'static,
) -> Case {
    Case {
        name,
        inputs,
        save: Box::new(move |path| {
            let device = Device::default();
            config.check().unwrap();
            let model = scramble(fitted(config.build(&device), &device), 0.2);
            save_model(&config, &model, path).unwrap();
        }),
        find: Box::new(move |path, device, inputs| {
            find(&load_model::<K>(path, device).unwrap(), device, inputs)
        }),
    }
}

/// The model as it is.
fn same<M>(model: M, _: &Device) -> M {
    model
}

/// Data to fit a standardization to.
fn rows(device: &Device) -> Tensor<2> {
    Tensor::from_data(
        [[1.0, 5.0, -2.0], [2.0, 9.0, -1.5], [4.0, 6.0, 0.5]],
        device,
    )
}

fn vectors() -> Inputs {
    Inputs::default().with("x", &[4, 3], [-2.0, 2.0])
}

fn given_vectors() -> Inputs {
    vectors().with("context", &[4, 2], [-1.0, 1.0])
}

fn images() -> Inputs {
    Inputs::default().with("y", &[2, 1, 4, 4], [0.05, 0.95])
}

fn with_labels(inputs: Inputs) -> Inputs {
    inputs.with_numbers("labels", &[2], vec![2.0, 0.0])
}

fn image() -> ImageSize {
    ImageSize::new([1, 4, 4]).with_levels(16)
}

pub(super) fn cases() -> Vec<Case> {
    [
        of_vectors::by_hand(),
        of_vectors::nice(),
        of_vectors::couplings(),
        of_vectors::autoregressive(),
        of_vectors::continuous(),
        composed::plain(),
        composed::given(),
        composed::modulated(),
        composed::on_circles(),
        of_images::exact(),
        of_images::variational(),
        of_codes::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
