//! Convolutions on the host, before they are tensors.

use thalweg_flow::SameConv;

use crate::ConvertError;
use crate::state::StateDict;
use crate::weights::Place;

/// A convolution that keeps an image's size: of each output, the kernels of its inputs one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Conv {
    inputs: usize,
    kernel: usize,
    rows: Vec<Vec<f64>>,
    bias: Vec<f64>,
}

impl Conv {
    /// The convolution of a module, of `[outputs, inputs, kernel]`.
    pub(crate) fn take(
        state: &mut StateDict,
        module: &str,
        [outputs, inputs, kernel]: [usize; 3],
    ) -> Result<Self, ConvertError> {
        let bias = state.vector(&format!("{module}.bias"), outputs)?;
        let conv = Self::take_without_bias(state, module, [outputs, inputs, kernel])?;
        Ok(Self { bias, ..conv })
    }

    /// The convolution of a module without biases.
    pub(crate) fn take_without_bias(
        state: &mut StateDict,
        module: &str,
        [outputs, inputs, kernel]: [usize; 3],
    ) -> Result<Self, ConvertError> {
        let weight = state.take(&format!("{module}.weight"))?;
        let weight = weight.of(&[outputs, inputs, kernel, kernel])?;
        let each = inputs * kernel * kernel;
        Ok(Self {
            inputs,
            kernel,
            rows: weight.chunks(each).map(<[f64]>::to_vec).collect(),
            bias: vec![0.0; outputs],
        })
    }

    /// `ZeroConv2d`: a convolution, and behind it a gain `exp(3 g)`, which goes into it.
    pub(crate) fn take_gained(
        state: &mut StateDict,
        module: &str,
        shape: [usize; 3],
    ) -> Result<Self, ConvertError> {
        let mut conv = Self::take(state, &format!("{module}.conv"), shape)?;
        let log_gains = state.flat(&format!("{module}.scale"), shape[0])?;
        for (output, log_gain) in log_gains.into_iter().enumerate() {
            conv.multiply(output, (3.0 * log_gain).exp());
        }
        Ok(conv)
    }

    fn multiply(&mut self, output: usize, factor: f64) {
        self.bias[output] *= factor;
        self.rows[output].iter_mut().for_each(|w| *w *= factor);
    }

    /// `eˢ y + t` of each output `y`.
    pub(crate) fn scaled_and_shifted(mut self, log_scales: &[f64], shifts: &[f64]) -> Self {
        for (output, (log_scale, shift)) in log_scales.iter().zip(shifts).enumerate() {
            self.multiply(output, log_scale.exp());
            self.bias[output] += shift;
        }
        self
    }

    /// With the signs of some outputs changed.
    pub(crate) fn negated(mut self, outputs: std::ops::Range<usize>) -> Self {
        outputs.for_each(|output| self.multiply(output, -1.0));
        self
    }

    /// Some of the outputs, in this order.
    pub(crate) fn select(&self, outputs: impl IntoIterator<Item = usize>) -> Self {
        let found = outputs
            .into_iter()
            .map(|of| (self.rows[of].clone(), self.bias[of]));
        let (rows, bias) = found.unzip();
        Self {
            rows,
            bias,
            ..*self
        }
    }

    /// The same numbers of the image and of one more channel, of ones, both padded with zeros, where `self` pads the
    /// image with ones: `W ∗ x = W ∗₀ x + Σ W − (Σᵢ Wᵢ) ∗₀ 1`, with `∗₀` padding with zeros.
    pub(crate) fn padded_with_ones(mut self) -> Self {
        let taps = self.kernel * self.kernel;
        for (row, bias) in self.rows.iter_mut().zip(&mut self.bias) {
            let of_tap = |tap: usize| row.iter().skip(tap).step_by(taps).sum::<f64>();
            let sums: Vec<f64> = (0..taps).map(of_tap).collect();
            *bias += sums.iter().sum::<f64>();
            row.extend(sums.into_iter().map(|sum| -sum));
        }
        self.inputs += 1;
        self
    }

    /// With the last input alone: behind `inputs` others, whose kernels are 0.
    pub(crate) fn of_the_edge(mut self, inputs: usize) -> Self {
        let taps = self.kernel * self.kernel;
        for row in &mut self.rows {
            let edge = row.split_off(row.len() - taps);
            *row = vec![0.0; inputs * taps];
            row.extend(edge);
        }
        self.inputs = inputs + 1;
        self
    }

    /// With one more output: ones.
    pub(crate) fn with_ones(mut self) -> Self {
        self.rows
            .push(vec![0.0; self.inputs * self.kernel * self.kernel]);
        self.bias.push(1.0);
        self
    }

    pub(crate) fn layer(self, place: &Place) -> SameConv {
        let outputs = self.rows.len();
        let shape = [outputs, self.inputs, self.kernel, self.kernel];
        let weight = place.tensor(self.rows.into_iter().flatten().collect(), shape);
        SameConv::from_parameters(weight, place.tensor(self.bias, [outputs]))
    }
}
