//! Layers of constants alone: affine, linear, planar and radial maps.

use burn::tensor::{Int, Tensor, TensorData};
use thalweg_flow::{ActNorm, ElementwiseAffine, Full, InvertibleLinear, Planar, Plu, Radial};
use thalweg_models::composed::{ComposedLayer, LayerConfig};

use super::{Layers, Way};
use crate::ConvertError;

impl Layers {
    pub(super) fn vector(&self, values: Vec<f64>) -> Tensor<1> {
        let length = values.len();
        self.place.tensor(values, [length])
    }

    /// `z = (x − μ) ⊙ eˢ`.
    pub(crate) fn centre_and_scale(
        &mut self,
        module: &str,
        mean: Vec<f64>,
        log_scale: Vec<f64>,
    ) -> Result<(), ConvertError> {
        self.expect(module, mean.len())?;
        let layer = ActNorm::from_parameters(self.vector(mean), self.vector(log_scale));
        self.push(
            LayerConfig::ActNorm,
            ComposedLayer::ActNorm(layer),
            Way::Forward,
        )
    }

    /// `z = eˢ ⊙ x + t`.
    pub(crate) fn scale_and_shift(
        &mut self,
        module: &str,
        log_scale: Vec<f64>,
        shift: Vec<f64>,
    ) -> Result<(), ConvertError> {
        self.expect(module, shift.len())?;
        let layer = ElementwiseAffine::from_parameters(self.vector(log_scale), self.vector(shift));
        self.push(
            LayerConfig::Affine,
            ComposedLayer::Affine(layer),
            Way::Forward,
        )
    }

    /// `z = W x` of rows.
    pub(crate) fn matrix(
        &mut self,
        module: &str,
        rows: Vec<f64>,
        features: usize,
    ) -> Result<(), ConvertError> {
        self.expect(module, features)?;
        let weight = self.place.tensor(rows, [features; 2]);
        let layer = InvertibleLinear::new(Full::from_weight(weight));
        self.push(
            LayerConfig::Matrix,
            ComposedLayer::Matrix(layer),
            Way::Forward,
        )
    }

    /// `z = L U x`: both with rows of all numbers, of which those beside the triangles are not read.
    pub(crate) fn triangles(
        &mut self,
        module: &str,
        [lower, upper]: [Vec<f64>; 2],
        log_diagonal: Vec<f64>,
    ) -> Result<(), ConvertError> {
        let features = log_diagonal.len();
        self.expect(module, features)?;
        let order: Vec<i64> = (0..features as i64).collect();
        let order: Tensor<1, Int> =
            Tensor::from_data(TensorData::new(order, [features]), &self.place.device);
        let form = Plu::from_factors(
            order,
            self.place.tensor(lower, [features; 2]),
            self.place.tensor(upper, [features; 2]),
            self.vector(log_diagonal),
            self.vector(vec![1.0; features]),
        );
        let layer = InvertibleLinear::new(form);
        self.push(
            LayerConfig::Linear,
            ComposedLayer::Linear(layer),
            Way::Forward,
        )
    }

    /// The planar flow, as it is or inverted.
    pub(crate) fn planar(
        &mut self,
        module: &str,
        [u, w, b]: [Vec<f64>; 3],
        way: Way,
    ) -> Result<(), ConvertError> {
        self.expect(module, u.len())?;
        let layer = Planar::from_parameters(self.vector(u), self.vector(w), self.vector(b));
        self.push(LayerConfig::Planar, ComposedLayer::Planar(layer), way)
    }

    /// The radial flow, as it is or inverted.
    pub(crate) fn radial(
        &mut self,
        module: &str,
        [centre, alpha, beta]: [Vec<f64>; 3],
        way: Way,
    ) -> Result<(), ConvertError> {
        self.expect(module, centre.len())?;
        let layer =
            Radial::from_parameters(self.vector(centre), self.vector(alpha), self.vector(beta));
        self.push(LayerConfig::Radial, ComposedLayer::Radial(layer), way)
    }
}
