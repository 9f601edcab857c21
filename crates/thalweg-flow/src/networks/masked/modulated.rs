//! A masked network that its context shifts and gates.

use burn::tensor::Tensor;
use thalweg_kernels::{Modulated, PackedMasked, network_input};

use super::{MaskedMlp, host_f32};
use crate::networks::{Activation, Modulation};

impl MaskedMlp {
    /// The same network with changes at its layers, by its context.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{MaskedMlpConfig, ModulationConfig, Network, Noise, WithContext};
    ///
    /// let (device, mut noise) = (Device::default(), Noise::seeded(0));
    /// let network = MaskedMlpConfig::new(2, vec![8], 1).with_context(3).init(&mut noise, &device);
    /// // The context shifts the first layer.
    /// let config = ModulationConfig { first: true, ..ModulationConfig::default() };
    /// let network = network.with_modulation(config.init([3, 8, 0], &mut noise, &device));
    /// let network = WithContext::new(network);
    /// let outputs = |x: [f32; 2], context: f32| {
    ///     let (x, context) = (Tensor::<2>::from_floats([x], &device), Tensor::full([1, 3], context, &device));
    ///     network.apply(x, &context).into_data().try_to_vec::<f32>().unwrap()
    /// };
    /// // Both outputs see the context, and none of them the last feature.
    /// assert_eq!(outputs([0.5, 1.0], 1.0), outputs([0.5, 9.0], 1.0));
    /// let pairs = outputs([0.5, 1.0], 1.0).into_iter().zip(outputs([0.5, 1.0], 2.0));
    /// assert!(pairs.into_iter().all(|(one, other)| one != other));
    /// ```
    ///
    /// # Panics
    ///
    /// When these are for another context, or another number of units or blocks, and for norms where blocks begin without
    /// an activation.
    pub fn with_modulation(self, modulation: Modulation) -> Self {
        let (degrees, layers) = (&self.degrees, self.degrees.layers());
        let blocks = if degrees.is_residual() {
            (layers - 2) / 2
        } else {
            0
        };
        let width = degrees.levels()[1].len();
        modulation.assert_fits([degrees.context(), width, blocks]);
        assert!(
            modulation.norms.is_empty() || degrees.activates(1),
            "norms stand in front of an activation, and the blocks of this network begin without one"
        );
        Self {
            modulation: Some(modulation),
            ..self
        }
    }

    /// The numbers of the context that change layers.
    pub(super) fn numbers(&self, context: &Tensor<2>) -> Vec<Tensor<2>> {
        let modulation = self.modulation.as_ref();
        let modulation = modulation.filter(|modulation| modulation.context().is_some());
        modulation.map_or(vec![], |modulation| {
            modulation.numbers(context, self.activation)
        })
    }

    /// What the host takes of a context: the context, and behind it the numbers that change layers.
    pub(crate) fn given(&self, context: &Tensor<2>) -> Tensor<2> {
        let numbers = self.numbers(&network_input(context.clone()));
        match numbers.is_empty() {
            true => context.clone(),
            false => {
                let all = std::iter::once(context.clone()).chain(numbers);
                Tensor::cat(all.collect(), 1)
            }
        }
    }

    /// The network on the host, with its changes.
    pub(super) fn packed_modulation(
        &self,
        modulation: &Modulation,
        packed: PackedMasked,
    ) -> PackedMasked {
        let width = self.degrees.levels()[1].len();
        let of = |layer| {
            let norm = modulation.norm(layer);
            let norm = norm.map(|norm| [&norm.factor, &norm.summand].map(|of| host_f32(of.val())));
            let part = modulation.part(layer);
            let place = |gate| part.filter(|part| part.is_gate == gate);
            let place = |gate| place(gate).map(|part| part.index * width);
            Modulated {
                norm,
                shift: place(false),
                gate: place(true),
            }
        };
        let layers = (0..self.degrees.layers()).map(of).collect();
        let numbers = modulation.functions(self.activation).count() * width;
        packed.modulated(&self.degrees, layers, numbers)
    }

    /// The changes by a context, if there are any, and the activation of the network.
    pub(crate) fn modulation(&self) -> Option<(&Modulation, Activation)> {
        let modulation = self.modulation.as_ref();
        let modulation = modulation.filter(|modulation| modulation.context().is_some());
        modulation.map(|modulation| (modulation, self.activation))
    }
}
