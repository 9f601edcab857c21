//! Invertible linear maps.

use burn::module::{Module, Param};
use burn::tensor::{Device, Int, Tensor, TensorData};
use thalweg_flow::base::StandardNormal;
use thalweg_flow::{ElementwiseAffine, Flow, InvertibleLinear, LinearForm, Plu};

use crate::compare::{Names, compare, compare_values, for_each_kind};
use crate::file::File;
use crate::fixtures::Flatten;

/// nflows' matrix, as a form that a user adds: the triangles packed row by row, the diagonal of the
/// upper one `softplus(u) + 0.001`.
#[derive(Module, Debug)]
pub(crate) struct PackedLu {
    lower_entries: Param<Tensor<1>>,
    upper_entries: Param<Tensor<1>>,
    unconstrained_upper_diag: Param<Tensor<1>>,
}

impl PackedLu {
    /// The matrix whose parameters' names begin so.
    pub(crate) fn new(file: &File, beginning: &str, device: &Device) -> Self {
        let parameter =
            |name| Param::from_tensor(file.tensor(&format!("param.{beginning}{name}"), device));
        Self {
            lower_entries: parameter("lower_entries"),
            upper_entries: parameter("upper_entries"),
            unconstrained_upper_diag: parameter("unconstrained_upper_diag"),
        }
    }

    fn diagonal(&self) -> Tensor<1> {
        self.unconstrained_upper_diag.val().exp().log1p() + 1e-3
    }

    /// `(L without its ones, U without its diagonal)`.
    fn triangles(&self) -> (Tensor<2>, Tensor<2>) {
        let [features] = self.unconstrained_upper_diag.val().dims();
        let unpack = |entries: Tensor<1>, inside: fn(usize, usize) -> bool| {
            let cells =
                (0..features).flat_map(|row| (0..features).map(move |column| (row, column)));
            let places: Vec<i64> = cells
                .enumerate()
                .filter(|(_, (row, column))| inside(*row, *column))
                .map(|(cell, _)| cell as i64)
                .collect();
            let places = TensorData::new(places.clone(), [places.len()]);
            let places = Tensor::<1, Int>::from_data(places, &entries.device().without_autodiff());
            Tensor::zeros([features * features], (&entries.device(), entries.dtype()))
                .select_assign(0, places, entries, burn::tensor::IndexingUpdateOp::Add)
                .reshape([features, features])
        };
        (
            unpack(self.lower_entries.val(), |row, column| row > column),
            unpack(self.upper_entries.val(), |row, column| row < column),
        )
    }
}

fn eye(features: usize, like: &Tensor<1>) -> Tensor<2> {
    Tensor::<2>::eye(features, &like.device().without_autodiff()).cast(like.dtype())
}

impl LinearForm for PackedLu {
    fn weight(&self) -> (Tensor<2>, Tensor<1>) {
        let (diagonal, (lower, upper)) = (self.diagonal(), self.triangles());
        let eye = eye(diagonal.dims()[0], &diagonal);
        let upper = upper + eye.clone() * diagonal.clone().unsqueeze::<2>();
        ((lower + eye).matmul(upper), diagonal.log().sum())
    }
}

/// The map that adds the parameter of this name.
pub(crate) fn bias<const D: usize>(
    file: &File,
    name: &str,
    device: &Device,
) -> ElementwiseAffine<D> {
    let shift: Tensor<1> = file.tensor(&format!("param.{name}"), device);
    ElementwiseAffine::from_parameters(shift.zeros_like(), shift)
}

fn names(linear: &str, bias: &str) -> Names {
    let form = ["lower_entries", "upper_entries", "unconstrained_upper_diag"];
    let form = form.map(|name| (format!("{linear}.form.{name}"), name.to_owned()));
    let bias = (format!("{bias}.shift"), "bias".to_owned());
    form.into_iter().chain([bias]).collect()
}

#[test]
fn nflows_lu_linear() {
    compare(
        "nflows_lulinear_d8",
        |file, device| {
            let linear = InvertibleLinear::<_, 2>::new(PackedLu::new(file, "", device));
            Flow::new(
                (linear, bias::<2>(file, "bias", device)),
                StandardNormal::new(8),
            )
        },
        &names("bijection.0", "bijection.1"),
        &["log_scale"],
    );
}

/// The same numbers in this crate's own form.
#[test]
fn nflows_lu_linear_as_plu() {
    for_each_kind("nflows_lulinear_d8", |kind| {
        let packed = PackedLu::new(&kind.file, "", &kind.device);
        let (lower, upper) = packed.triangles();
        let diagonal = packed.diagonal();
        let order = Tensor::arange(0..8, &kind.device);
        let sign = diagonal.ones_like();
        let plu = Plu::from_factors(order, lower, upper, diagonal.log(), sign);
        let layers = (
            InvertibleLinear::<Plu, 2>::new(plu),
            bias::<2>(&kind.file, "bias", &kind.device),
        );
        compare_values(kind, &Flow::new(layers, StandardNormal::new(8)), 1.0);
    });
}

#[test]
fn nflows_one_by_one_convolution() {
    compare(
        "nflows_conv1x1_c4",
        |file, device| {
            let layers = (
                file.permutation::<4>("buffer.permutation._permutation", device),
                InvertibleLinear::<_, 4>::new(PackedLu::new(file, "", device)),
                bias::<4>(file, "bias", device),
                Flatten { image: [4, 4, 4] },
            );
            Flow::new(layers, StandardNormal::new(64))
        },
        &names("bijection.1", "bijection.2"),
        &["log_scale"],
    );
}
