//! A masked network, place after place, as operations of tensors.

use std::ops::Range;

use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{Device, Int, Tensor, TensorData};
use thalweg_kernels::{Arrangement, network_input};

use super::MaskedMlp;
use crate::networks::Modulation;

/// A layer whose inputs and units are sorted by degree.
struct Sorted {
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    inputs: Vec<usize>,
    units: Vec<usize>,
    /// Numbers that are added to the units, or multiply them.
    change: Option<(Tensor<2>, bool)>,
    /// Factors and summands of the inputs in front of their activation.
    norm: Option<[Tensor<1>; 2]>,
}

impl Sorted {
    fn new(layer: &Linear, from: &Arrangement, to: &Arrangement) -> Self {
        let weight = sorted(sorted(layer.weight.val(), 0, &from.units), 1, &to.units);
        let bias = layer.bias.as_ref().map(Param::val);
        Self {
            weight,
            bias: bias.map(|bias| sorted(bias, 0, &to.units)),
            inputs: from.bounds.clone(),
            units: to.bounds.clone(),
            change: None,
            norm: None,
        }
    }

    /// The same layer with its changes.
    fn modulated(
        self,
        index: usize,
        modulation: &Modulation,
        numbers: &[Tensor<2>],
        [from, to]: [&Arrangement; 2],
    ) -> Self {
        let part = modulation.part(index);
        let change = part.map(|part| {
            (
                sorted(numbers[part.index].clone(), 1, &to.units),
                part.is_gate,
            )
        });
        let norm = modulation.norm(index);
        let norm = norm.map(|norm| [&norm.factor, &norm.summand]);
        let norm = norm.map(|norm| norm.map(|of| sorted(of.val(), 0, &from.units)));
        Self {
            change,
            norm,
            ..self
        }
    }

    /// `f ⊙ h + g` of the inputs of one degree, or `h`.
    fn normed(&self, place: usize, h: Tensor<2>) -> Tensor<2> {
        let Some(norm) = &self.norm else {
            return h;
        };
        let [factor, summand] = norm.clone().map(|of| {
            let numbers = of.narrow(0, self.inputs[place], h.dims()[1]);
            numbers.unsqueeze()
        });
        h * factor + summand
    }

    /// The units of one degree, given all inputs that they see.
    fn at(&self, place: usize, inputs: &mut Known, rows: usize) -> Option<Tensor<2>> {
        let Range { start, end } = self.units[place]..self.units[place + 1];
        if start == end {
            return None;
        }
        let count = end - start;
        let bias = match &self.bias {
            Some(bias) => bias.clone().narrow(0, start, count),
            None => Tensor::zeros([count], (&self.weight.device(), self.weight.dtype())),
        };
        let bias: Tensor<2> = bias.unsqueeze();
        let units = match inputs.joined() {
            None => bias.expand([rows, count]),
            Some(inputs) => {
                let weight = self.weight.clone().narrow(1, start, count);
                inputs.matmul(weight.narrow(0, 0, self.inputs[place + 1])) + bias
            }
        };
        Some(match &self.change {
            None => units,
            Some((numbers, is_gate)) => {
                let numbers = numbers.clone().narrow(1, start, count);
                match is_gate {
                    true => units * numbers,
                    false => units + numbers,
                }
            }
        })
    }
}

/// Some of the numbers along an axis. Those in front are taken as they are, whatever lies behind them.
fn sorted<const D: usize>(tensor: Tensor<D>, axis: usize, order: &[usize]) -> Tensor<D> {
    if order.iter().copied().eq(0..order.len()) {
        return tensor;
    }
    let indices = indices(order, &tensor.device());
    tensor.select(axis, indices)
}

/// Indices as a tensor.
pub(crate) fn indices(order: &[usize], device: &Device) -> Tensor<1, Int> {
    let order: Vec<i64> = order.iter().map(|index| *index as i64).collect();
    let count = order.len();
    let data = TensorData::new(order, [count]);
    Tensor::from_data(data, &device.clone().without_autodiff())
}

/// The inputs of a layer so far, in parts that are joined where units read them: a network has many more places
/// than places with new units of a hidden layer.
#[derive(Default)]
struct Known(Vec<Tensor<2>>);

impl Known {
    fn joined(&mut self) -> Option<Tensor<2>> {
        if self.0.len() > 1 {
            self.0 = vec![Tensor::cat(std::mem::take(&mut self.0), 1)];
        }
        self.0.first().cloned()
    }
}

impl MaskedMlp {
    /// Evaluates the network for `rows` samples place after place: hands out the outputs of the feature there,
    /// `[rows, outputs]`, and is given its inputs, `[rows, inputs]`: one, unless the degrees say otherwise. Each
    /// weight is used once.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{MaskedMlpConfig, Noise};
    ///
    /// let device = Device::default();
    /// let network = MaskedMlpConfig::new(2, vec![8], 1).init(&mut Noise::seeded(0), &device);
    /// // Each feature is its own parameter: x₀ = p₀, x₁ = p₁(x₀).
    /// let mut features = vec![];
    /// network.unroll(1, None, &mut |_, parameters| {
    ///     features.push(parameters.clone());
    ///     parameters
    /// });
    /// let x = Tensor::cat(features, 1);
    /// assert!((network.forward(x.clone()) - x).abs().max().into_scalar::<f32>() < 1e-6);
    /// ```
    ///
    /// # Panics
    ///
    /// Unless a context is given where the network takes one, with this many rows, and when a feature has no output.
    pub fn unroll(
        &self,
        rows: usize,
        context: Option<Tensor<2>>,
        next: &mut dyn FnMut(usize, Tensor<2>) -> Tensor<2>,
    ) {
        let (expected, found) = (self.degrees.context(), context.as_ref().map(Tensor::dims));
        assert!(
            expected == found.map_or(0, |[_, width]| width),
            "a masked network of {} features and {expected} numbers of context got {found:?}",
            self.degrees.features()
        );
        let arranged = self.degrees.arranged();
        let numbers = context.clone().map(network_input);
        let numbers = numbers.map_or(vec![], |context| self.numbers(&context));
        let pairs = self.layers.iter().zip(arranged.windows(2)).enumerate();
        let layers: Vec<Sorted> = pairs
            .map(|(index, (layer, pair))| {
                let sorted = Sorted::new(layer, &pair[0], &pair[1]);
                match &self.modulation {
                    None => sorted,
                    Some(modulation) => {
                        sorted.modulated(index, modulation, &numbers, [&pair[0], &pair[1]])
                    }
                }
            })
            .collect();
        let mut known: Vec<Known> = layers.iter().map(|_| Known::default()).collect();
        let mut input = context;
        for place in 0..self.degrees.features() {
            let mut new = input.take().map(network_input);
            let mut outputs: Vec<Option<Tensor<2>>> = Vec::with_capacity(layers.len());
            for (index, layer) in layers.iter().enumerate() {
                let activates = self.degrees.activates(index);
                let inputs = new.map(|new| match activates {
                    true => self.activation.apply(layer.normed(place, new)),
                    false => new,
                });
                known[index].0.extend(inputs);
                new = layer.at(place, &mut known[index], rows);
                if self.degrees.ends_block(index) {
                    // The same degrees in both: either both have units here, or neither.
                    let before = outputs[index - 2].clone();
                    new = new.zip(before).map(|(new, before)| new + before);
                }
                outputs.push(new.clone());
            }
            let parameters = new.expect("a feature has a parameter or more");
            let feature = self.degrees.order()[place];
            input = Some(self.entered_alone(feature, next(place, parameters)));
        }
    }
}
