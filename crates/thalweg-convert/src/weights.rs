//! Linear layers on the host, before they are tensors.

use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{DType, Device, Tensor, TensorData};

use crate::ConvertError;
use crate::changes::Factors;
use crate::state::StateDict;

/// Where tensors lie.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) device: Device,
    pub(crate) dtype: DType,
}

impl Place {
    pub(crate) fn tensor<const D: usize>(&self, values: Vec<f64>, shape: [usize; D]) -> Tensor<D> {
        Tensor::from_data(TensorData::new(values, shape), (&self.device, self.dtype))
    }
}

/// `y = W x + b`, one row an output.
#[derive(Debug, Clone)]
pub(crate) struct Dense {
    pub(crate) rows: Vec<Vec<f64>>,
    pub(crate) bias: Vec<f64>,
}

impl Dense {
    /// The layer of a module.
    pub(crate) fn take(state: &mut StateDict, module: &str) -> Result<Self, ConvertError> {
        let weight = state.take(&format!("{module}.weight"))?;
        let [outputs, inputs] = weight.shape[..] else {
            return Err(weight.misshapen("[outputs, inputs]"));
        };
        if outputs == 0 || inputs == 0 {
            return Err(weight.misshapen("[outputs, inputs], each 1 or more"));
        }
        let bias = format!("{module}.bias");
        let bias = match state.has(&bias) {
            true => state.vector(&bias, outputs)?,
            false => vec![0.0; outputs],
        };
        let rows = weight.values.chunks(inputs).map(<[f64]>::to_vec).collect();
        Ok(Self { rows, bias })
    }

    pub(crate) fn inputs(&self) -> usize {
        self.rows.first().map_or(0, Vec::len)
    }

    pub(crate) fn outputs(&self) -> usize {
        self.rows.len()
    }

    /// Some of the outputs, in this order.
    pub(crate) fn select(&self, outputs: &[usize]) -> Self {
        Self {
            rows: outputs.iter().map(|of| self.rows[*of].clone()).collect(),
            bias: outputs.iter().map(|of| self.bias[*of]).collect(),
        }
    }

    /// With some of the inputs alone: those that are not 0.
    pub(crate) fn of_inputs(&self, inputs: &[usize]) -> Self {
        let of_row = |row: &Vec<f64>| inputs.iter().map(|of| row[*of]).collect();
        Self {
            rows: self.rows.iter().map(of_row).collect(),
            bias: self.bias.clone(),
        }
    }

    /// From one block of `parameters` a feature to one block of `features` a parameter.
    pub(crate) fn by_parameter(&self, features: usize, parameters: usize) -> Self {
        let of = |k| (0..features).map(move |feature| feature * parameters + k);
        let order: Vec<usize> = (0..parameters).flat_map(of).collect();
        self.select(&order)
    }

    /// Multiplies the weights and the bias of some outputs.
    pub(crate) fn scale(&mut self, outputs: std::ops::Range<usize>, factor: f64) {
        for output in outputs {
            self.bias[output] *= factor;
            self.rows[output].iter_mut().for_each(|w| *w *= factor);
        }
    }

    /// Adds to the bias of some outputs.
    pub(crate) fn shift(&mut self, outputs: std::ops::Range<usize>, by: f64) {
        self.bias[outputs].iter_mut().for_each(|b| *b += by);
    }

    /// `f ⊙ (W x + b) + g`.
    pub(crate) fn then(&mut self, norm: &Factors) {
        let norms = norm.factors.iter().zip(&norm.summands);
        for ((row, bias), (f, g)) in self.rows.iter_mut().zip(&mut self.bias).zip(norms) {
            row.iter_mut().for_each(|w| *w *= f);
            *bias = *bias * f + g;
        }
    }

    /// `W (f ⊙ x + g) + b`; the inputs from `first` on.
    pub(crate) fn behind(&mut self, first: usize, norm: &Factors) {
        for (row, bias) in self.rows.iter_mut().zip(&mut self.bias) {
            let norms = norm.factors.iter().zip(&norm.summands);
            for (w, (f, g)) in row[first..].iter_mut().zip(norms) {
                *bias += *w * g;
                *w *= f;
            }
        }
    }

    /// `W (x | c) + b` with the weights and biases of another layer for `c`.
    pub(crate) fn beside(&mut self, context: &Self) {
        for (row, more) in self.rows.iter_mut().zip(&context.rows) {
            row.extend_from_slice(more);
        }
        let biases = self.bias.iter_mut().zip(&context.bias);
        biases.for_each(|(bias, more)| *bias += more);
    }

    /// The layer behind another one, nothing between them.
    pub(crate) fn of(&self, before: &Self) -> Self {
        let mut rows = vec![vec![0.0; before.inputs()]; self.outputs()];
        let mut bias = self.bias.clone();
        for ((row, sum), weights) in rows.iter_mut().zip(&mut bias).zip(&self.rows) {
            for ((weight, inner), b) in weights.iter().zip(&before.rows).zip(&before.bias) {
                let products = row.iter_mut().zip(inner);
                products.for_each(|(to, w)| *to += weight * w);
                *sum += weight * b;
            }
        }
        Self { rows, bias }
    }

    /// As many outputs, all 0, of other inputs.
    pub(crate) fn zeros(&self, inputs: usize) -> Self {
        Self {
            rows: vec![vec![0.0; inputs]; self.outputs()],
            bias: vec![0.0; self.outputs()],
        }
    }

    pub(crate) fn linear(&self, place: &Place) -> Linear {
        let (inputs, outputs) = (self.inputs(), self.outputs());
        let columns = (0..inputs).flat_map(|input| self.rows.iter().map(move |row| row[input]));
        let weight = place.tensor(columns.collect(), [inputs, outputs]);
        Linear {
            weight: Param::from_tensor(weight),
            bias: Some(Param::from_tensor(
                place.tensor(self.bias.clone(), [outputs]),
            )),
        }
    }
}

/// Two perceptrons of equal depth on the same inputs side by side, the outputs of the second behind those of the
/// first.
pub(crate) fn side_by_side(first: &[Dense], second: &[Dense]) -> Vec<Dense> {
    let pairs = first.iter().zip(second).enumerate();
    let joined = pairs.map(|(index, (a, b))| {
        let bias = a.bias.iter().chain(&b.bias).copied().collect();
        let rows = match index {
            0 => a.rows.iter().chain(&b.rows).cloned().collect(),
            _ => {
                let of_first = a.rows.iter().map(|row| {
                    let zeros = std::iter::repeat_n(0.0, b.inputs());
                    row.iter().copied().chain(zeros).collect()
                });
                let of_second = b.rows.iter().map(|row| {
                    let zeros = std::iter::repeat_n(0.0, a.inputs());
                    zeros.chain(row.iter().copied()).collect()
                });
                of_first.chain(of_second).collect()
            }
        };
        Dense { rows, bias }
    });
    joined.collect()
}

/// `ln(1 + eˣ)`.
pub(crate) fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}
