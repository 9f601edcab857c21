//! The invertible residual network, sample by sample.

use thalweg_kernels::{Direction, NETWORK_LIMIT, Number, activate_with_slope};

use super::dense::Dense;
use super::network::dense;
use super::{Batch, FlowStep, Lower, Lowering, Scratch, assert_features, host};
use crate::{Activation, InvertibleResidual};

/// See [`InvertibleResidual`]. These calls allocate.
#[derive(Debug)]
struct ResidualStep {
    features: usize,
    layers: Vec<Dense>,
    activation: Activation,
    /// Of the outputs of the network.
    factor: f64,
    /// Of the search for the inverse, at most.
    iterations: usize,
}

impl ResidualStep {
    /// `g(x)`, and where it is asked for the rows `∂g/∂xᵢ`, one a feature.
    fn change(&self, x: &[f64], mut tangents: Option<&mut Vec<Vec<f32>>>) -> Vec<f64> {
        let mut values: Vec<f32> = x.iter().map(|x| *x as f32).collect();
        if let Some(tangents) = &mut tangents {
            let within = values.iter().map(|x| x.abs() <= NETWORK_LIMIT).enumerate();
            **tangents = within
                .map(|(feature, within)| {
                    let mut direction = vec![0.0; self.features];
                    direction[feature] = f32::from(u8::from(within));
                    direction
                })
                .collect();
        }
        let numbers = values.iter_mut();
        numbers.for_each(|x| *x = x.clamp(-NETWORK_LIMIT, NETWORK_LIMIT));
        let mut slopes = vec![];
        for (index, layer) in self.layers.iter().enumerate() {
            if index > 0 {
                slopes.resize(values.len(), 0.0);
                activate_with_slope(Some(self.activation), &mut values, &mut slopes);
                for tangent in tangents.iter_mut().flat_map(|tangents| tangents.iter_mut()) {
                    let numbers = tangent.iter_mut().zip(&slopes);
                    numbers.for_each(|(tangent, slope)| *tangent *= slope);
                }
            }
            let outputs = layer.sizes()[1];
            let mut next = vec![0.0; outputs];
            layer.apply(&values, &mut next);
            values = next;
            for tangent in tangents.iter_mut().flat_map(|tangents| tangents.iter_mut()) {
                let mut next = vec![0.0; outputs];
                layer.tangent(tangent, &mut next);
                *tangent = next;
            }
        }
        values
            .iter()
            .map(|change| f64::from(*change) * self.factor)
            .collect()
    }

    /// `g(x)` and `ln det(I + ∂g/∂x)`.
    fn change_and_log_det(&self, x: &[f64]) -> (Vec<f64>, f64) {
        let mut tangents = vec![];
        let change = self.change(x, Some(&mut tangents));
        // The transpose has the same determinant.
        let mut matrix: Vec<Vec<f64>> = vec![];
        for (feature, tangent) in tangents.iter().enumerate() {
            let mut row: Vec<f64> = tangent
                .iter()
                .map(|of| f64::from(*of) * self.factor)
                .collect();
            row[feature] += 1.0;
            matrix.push(row);
        }
        let mut log_det = 0.0;
        for place in 0..self.features {
            let (above, below) = matrix.split_at_mut(place + 1);
            let row = &above[place];
            log_det += row[place].ln();
            for other in below {
                let factor = other[place] / row[place];
                let numbers = other.iter_mut().zip(row).skip(place);
                numbers.for_each(|(other, row)| *other -= factor * row);
            }
        }
        (change, log_det)
    }

    /// The fixed point of `x = z − g(x)`.
    fn fixed_point(&self, z: &[f64]) -> Vec<f64> {
        let mut x = z.to_vec();
        for _ in 0..self.iterations {
            let change = self.change(&x, None);
            let (mut moved, mut size) = (0.0_f64, 0.0_f64);
            for (x, (z, change)) in x.iter_mut().zip(z.iter().zip(change)) {
                let next = z - change;
                moved = moved.max((next - *x).abs());
                size = size.max(next.abs()).max(z.abs());
                *x = next;
            }
            if moved <= 0.25 * f64::from(f32::EPSILON) * size {
                break;
            }
        }
        x
    }
}

impl FlowStep for ResidualStep {
    fn apply(&self, direction: Direction, x: &mut Batch<'_>, _: &mut Scratch) {
        x.change(self.features, |_, x| {
            let numbers: Vec<f64> = x.iter().map(|x| f64::from(*x)).collect();
            let (found, log_det) = match direction {
                Direction::Forward => {
                    let (change, log_det) = self.change_and_log_det(&numbers);
                    let sums = numbers.iter().zip(change).map(|(x, change)| x + change);
                    (sums.collect(), log_det)
                }
                Direction::Inverse => {
                    let found = self.fixed_point(&numbers);
                    let (_, log_det) = self.change_and_log_det(&found);
                    (found, -log_det)
                }
            };
            let numbers: Vec<f64> = found;
            let places = x.iter_mut().zip(numbers);
            places.for_each(|(x, found)| *x = (found as f32).saturated());
            log_det
        });
    }
}

impl<C> Lower<C> for InvertibleResidual {
    fn lower(&self, plan: &mut Lowering) {
        let layers: Vec<Dense> = self.network.layers.iter().map(dense).collect();
        let features = layers[0].sizes()[0];
        assert_features(features, plan);
        plan.add(ResidualStep {
            features,
            layers,
            activation: self.network.activation,
            factor: host(self.factor())[0],
            iterations: self.iterations(burn::tensor::DType::F32),
        });
    }
}
