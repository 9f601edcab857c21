//! Flows of vector fields, each sample integrated by itself.

use std::ops::Range;

use burn::tensor::{DType, Tensor};
use thalweg_kernels::{Direction, NETWORK_LIMIT, activate_with_slope};
use thalweg_ode::{Componentwise, Vector};

use super::dense::Dense;
use super::network::dense;
use super::{Batch, FlowStep, Lower, Lowering, Scratch, host_f32};
use crate::continuous::Run;
use crate::{Activation, Continuous, Integration, TimeMlp, WithContext};

/// `dx/dt = v(t, x; c)` of one sample after another.
///
/// A sample has steps of its own, where the tensors of a batch share theirs. The divergence is exact, also
/// where that of the tensors is estimated, and left out where nobody reads it. The states of the
/// integrator are on the heap: these calls allocate.
#[derive(Debug)]
struct ContinuousStep {
    field: CompiledField,
    integration: Integration,
    context: Option<Range<usize>>,
}

impl FlowStep for ContinuousStep {
    /// # Panics
    ///
    /// With the message of [`FlowError::Integration`](crate::FlowError::Integration), where the field is stiff
    /// or explodes.
    fn apply(&self, direction: Direction, x: &mut Batch<'_>, scratch: &mut Scratch) {
        let ends = match direction {
            Direction::Forward => [1.0, 0.0],
            Direction::Inverse => [0.0, 1.0],
        };
        let (wants_log_det, scratch) = (x.wants_log_dets(), &*scratch);
        x.change(self.field.features, |sample, x| {
            let context = self.context.as_ref();
            let context = context.map_or(&[][..], |at| scratch.context(sample, at));
            let mut work = Work::new(&self.field, context);
            let numbers = x.iter().map(|x| f64::from(*x));
            let start: Vector = numbers.chain(wants_log_det.then_some(0.0)).collect();
            let run = Run {
                integration: &self.integration,
                dtype: DType::F32,
                ends,
                times: None,
            };
            let slope = |t: f64, state: &Vector| work.slope(t, state);
            let solution = run.solve(start, slope, &Componentwise, |_, _| ());
            let end = match &solution {
                Ok(solution) => &solution.last().y,
                Err(error) => panic!("{error}"),
            };
            x.iter_mut()
                .zip(&end[..])
                .for_each(|(x, end)| *x = *end as f32);
            end.get(x.len()).copied().unwrap_or(0.0)
        });
    }
}

/// A [`TimeMlp`] on slices.
#[derive(Debug)]
struct CompiledField {
    features: usize,
    angular: Vec<f64>,
    layers: Vec<Dense>,
    /// Behind each layer.
    activations: Vec<Option<Activation>>,
    /// The weights of each feature in the first layer, and those of each feature's output in the last.
    rows: Vec<f32>,
    columns: Vec<f32>,
    /// `W₂ ⊙ (W₃ W₁)ᵀ`, one row an output of `W₂`, where there are two hidden layers; see
    /// [`Mlp`](crate::Mlp)'s tangents.
    around: Option<Dense>,
}

impl CompiledField {
    fn new(field: &TimeMlp) -> Self {
        let TimeMlp {
            network, features, ..
        } = field;
        let (layers, features) = (&network.layers, *features);
        let hidden = layers.len() - 1;
        let between = std::iter::repeat_n(Some(network.activation), hidden);
        let weight = |layer: usize| layers[layer].weight.val();
        let rows: Tensor<2> = weight(0).narrow(0, 0, features);
        let columns: Tensor<2> = weight(hidden).transpose().narrow(0, 0, features);
        let around = (hidden == 2 && network.output_activation.is_none()).then(|| {
            let around = rows.clone().transpose().matmul(columns.clone()) * weight(1);
            let [_, outputs] = around.dims();
            Dense::of_rows(&host_f32(around.transpose()), vec![0.0; outputs])
        });
        Self {
            features,
            angular: field.angular().collect(),
            layers: layers.iter().map(dense).collect(),
            activations: between.chain([network.output_activation]).collect(),
            rows: host_f32(rows),
            columns: host_f32(columns),
            around,
        }
    }
}

/// The memory of one integration.
struct Work<'a> {
    field: &'a CompiledField,
    context: &'a [f32],
    inputs: Vec<f32>,
    /// Behind each layer: its outputs, and the slopes of its activation.
    values: Vec<Vec<f32>>,
    slopes: Vec<Vec<f32>>,
    tangent: [Vec<f32>; 2],
}

impl<'a> Work<'a> {
    fn new(field: &'a CompiledField, context: &'a [f32]) -> Self {
        let sizes = || field.layers.iter().map(|layer| layer.sizes()[1]);
        let each = || sizes().map(|size| vec![0.0; size]).collect();
        let widest = sizes().max().unwrap_or(0);
        Self {
            field,
            context,
            inputs: vec![],
            values: each(),
            slopes: each(),
            tangent: [vec![0.0; widest], vec![0.0; widest]],
        }
    }

    /// The velocity at a state, and the divergence if the state has a number for it.
    fn slope(&mut self, t: f64, state: &Vector) -> Vector {
        let field = self.field;
        let x = state[..field.features].iter().map(|x| *x as f32);
        let angles = || field.angular.iter().map(|w| w * t);
        self.inputs.clear();
        self.inputs.extend(x);
        self.inputs.extend(angles().map(|angle| angle.cos() as f32));
        self.inputs.extend(angles().map(|angle| angle.sin() as f32));
        self.inputs.extend_from_slice(self.context);
        let within = |x: &f32| x.abs() <= NETWORK_LIMIT;
        let inside: Vec<bool> = self.inputs[..field.features].iter().map(within).collect();
        for x in &mut self.inputs {
            *x = x.clamp(-NETWORK_LIMIT, NETWORK_LIMIT);
        }
        let layers = field.layers.iter().zip(&field.activations);
        for (index, (layer, activation)) in layers.enumerate() {
            let (before, after) = self.values.split_at_mut(index);
            let inputs = before.last().unwrap_or(&self.inputs);
            layer.apply(inputs, &mut after[0]);
            activate_with_slope(*activation, &mut after[0], &mut self.slopes[index]);
        }
        let outputs = self.values.last().into_iter().flatten();
        let velocity = outputs.map(|v| f64::from(*v));
        let wants_trace = state.len() > field.features;
        let velocity: Vec<f64> = velocity.collect();
        let trace = wants_trace.then(|| self.trace(&inside));
        velocity.into_iter().chain(trace).collect()
    }

    /// `Σᵢ ∂vᵢ/∂xᵢ` of the features that are inside the limit.
    fn trace(&mut self, inside: &[bool]) -> f64 {
        let field = self.field;
        if let (Some(around), [first, second, _]) = (&field.around, &self.slopes[..])
            && inside.iter().all(|inside| *inside)
        {
            let product = &mut self.tangent[0][..second.len()];
            around.tangent(first, product);
            return dot(product, second);
        }
        let last = field.layers.len() - 1;
        let [mut tangent, mut next] = self.tangent.each_mut().map(std::mem::take);
        let mut sum = 0.0;
        for feature in (0..field.features).filter(|feature| inside[*feature]) {
            let part = |all: &'a [f32]| {
                let each = all.len() / field.features;
                &all[feature * each..(feature + 1) * each]
            };
            let entered = part(&field.rows);
            tangent[..entered.len()].copy_from_slice(entered);
            if last == 0 {
                sum += f64::from(tangent[feature] * self.slopes[0][feature]);
                continue;
            }
            for (layer, slopes) in field.layers[1..last].iter().zip(&self.slopes) {
                let [inputs, outputs] = layer.sizes();
                scale(&mut tangent[..inputs], slopes);
                layer.tangent(&tangent[..inputs], &mut next[..outputs]);
                std::mem::swap(&mut tangent, &mut next);
            }
            let leaving = part(&field.columns);
            let inputs = &mut tangent[..leaving.len()];
            scale(inputs, &self.slopes[last - 1]);
            sum += dot(inputs, leaving) * f64::from(self.slopes[last][feature]);
        }
        self.tangent = [tangent, next];
        sum
    }
}

fn scale(x: &mut [f32], factors: &[f32]) {
    x.iter_mut()
        .zip(factors)
        .for_each(|(x, factor)| *x *= factor);
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    let sum: f32 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    f64::from(sum)
}

impl Lowering {
    fn add_continuous(
        &mut self,
        field: &TimeMlp,
        integration: Integration,
        context: Option<Range<usize>>,
    ) {
        let (features, given) = (field.features, context.as_ref().map_or(0, Range::len));
        assert!(
            self.shape() == [features, 1, 1],
            "a continuous flow of {features} features got samples {:?}",
            self.shape()
        );
        assert!(
            given == field.context(),
            "a field made for a condition of {} numbers got {given}",
            field.context()
        );
        self.add(ContinuousStep {
            field: CompiledField::new(field),
            integration,
            context,
        });
    }
}

impl<C> Lower<C> for Continuous<TimeMlp> {
    fn lower(&self, plan: &mut Lowering) {
        plan.add_continuous(&self.field, self.integration, None);
    }
}

impl Lower<Tensor<2>> for Continuous<WithContext<TimeMlp>> {
    fn lower(&self, plan: &mut Lowering) {
        let field = &self.field.network;
        let context = Some(field.context()).filter(|numbers| *numbers > 0);
        let context = context.map(|numbers| plan.context(numbers));
        plan.add_continuous(field, self.integration, context);
    }
}
