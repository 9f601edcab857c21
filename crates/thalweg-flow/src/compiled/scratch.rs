//! The memory of a call.

use thalweg_kernels::MaskedMemory;

use super::context::Contexts;

/// Memory that calls use again: one a thread. The first call makes it large enough.
///
/// See [`CompiledFlow`](super::CompiledFlow) for an example.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    /// The samples of [`log_probs`](super::CompiledFlow::log_probs), which the caller keeps.
    pub(super) samples: Vec<f32>,
    pub(super) log_dets: Vec<f64>,
    pub(super) contexts: Contexts,
    /// Numbers beside those of the samples: see [`Batch::change_beside`](super::Batch::change_beside).
    pub(super) beside: Vec<f32>,
    pub(super) kept: Vec<f32>,
    pub(super) outputs: Vec<f32>,
    pub(super) parameters: Vec<f32>,
    /// Kept numbers and context, the input of a network.
    pub(super) joined: Vec<f32>,
    /// The hidden numbers of a residual network, and the output of one of its blocks.
    pub(super) hidden: [Vec<f32>; 2],
    /// The numbers between the layers of a network.
    pub(super) layers: [Vec<f32>; 2],
    pub(super) masked: MaskedMemory,
}

/// Replaces the numbers of a vector, in its memory.
pub(super) fn refill(vector: &mut Vec<f32>, numbers: impl IntoIterator<Item = f32>) {
    vector.clear();
    vector.extend(numbers);
}

/// A slice of this length, whose numbers are any.
pub(super) fn sized(vector: &mut Vec<f32>, length: usize) -> &mut [f32] {
    if vector.len() < length {
        vector.resize(length, 0.0);
    }
    &mut vector[..length]
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::Scratch;
    use crate::base::StandardNormal;
    use crate::{
        Affine, Autoregressive, Coupling, Flow, MaskedMlpConfig, Mlp, MlpConfig, Noise,
        Permutation, Plu, Split,
    };

    /// Networks of different depths and widths.
    #[test]
    fn calls_after_the_first_allocate_nothing() {
        let (device, mut noise) = (Device::default(), Noise::seeded(0));
        let mut coupling = |hidden| -> Coupling<Affine, Mlp> {
            let net = MlpConfig::new(2, hidden, 6).init(&mut noise, &device);
            Coupling::new(Split::half(), Affine::new(), net)
        };
        let masked = MaskedMlpConfig::new(5, vec![9, 30], 2).init(&mut Noise::seeded(4), &device);
        let bijection = (
            coupling(vec![9]),
            coupling(vec![8, 40]),
            crate::InvertibleLinear::<Plu>::new(Plu::rotation(5, &mut Noise::seeded(1), &device)),
            Permutation::<2>::shuffled(5, &mut Noise::seeded(2), &device),
            coupling(vec![]),
            Autoregressive::new(Affine::new(), masked),
        );
        let flow = Flow::new(bijection, StandardNormal::new(5)).compile();
        let mut scratch = Scratch::default();
        let memory = |scratch: &Scratch| {
            let Scratch {
                samples,
                log_dets,
                contexts,
                beside,
                kept,
                outputs,
                parameters,
                joined,
                hidden: [h, change],
                layers: [a, b],
                masked,
            } = scratch;
            let floats = [
                samples,
                &contexts.numbers,
                beside,
                kept,
                outputs,
                parameters,
                joined,
                h,
                change,
                a,
                b,
            ];
            let places = floats.map(|vector| (vector.as_ptr(), vector.capacity()));
            let of_log_dets = (log_dets.as_ptr(), log_dets.capacity());
            (places, of_log_dets, masked.places())
        };
        let (mut x, mut noise) = ([0.1; 5], Noise::seeded(3));
        flow.log_prob(&x, &mut scratch);
        let before = memory(&scratch);
        for _ in 0..5 {
            flow.log_prob(&x, &mut scratch);
            flow.sample(1.0, &mut noise, &mut x, &mut scratch);
            flow.encode(&mut x, &mut scratch);
            assert_eq!(memory(&scratch), before);
        }
    }
}
