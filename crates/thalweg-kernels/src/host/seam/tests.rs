use burn::backend::BackendTypes;
use burn::backend::ops::FloatTensorOps;
use burn::tensor::TensorData;

use super::*;
use tensor::HostTensor;

/// The address of numbers, and the numbers.
fn place(numbers: Option<Numbers<'_>>) -> Option<(*const f32, Vec<f32>)> {
    let numbers = numbers.and_then(Numbers::single)?;
    Some((numbers.as_ptr(), numbers.to_vec()))
}

/// Whatever is done here, six numbers stay at one address until one asks for another order.
fn numbers_stay_where_they_are<T: HostTensor>() {
    let numbers: Vec<f32> = (0..6u8).map(f32::from).collect();
    let expected = Some((numbers.as_ptr(), numbers.clone()));
    let tensor = T::from_numbers(numbers, vec![2, 3]);
    assert_eq!(place(tensor.numbers()), expected);
    assert_eq!(place(tensor.in_any_order()), expected);
    assert_eq!(place(tensor.clone().contiguous().numbers()), expected);

    let transposed = T::Backend::float_transpose(tensor);
    assert!(transposed.numbers().is_none());
    assert_eq!(place(transposed.in_any_order()), expected);
    let copied = transposed.contiguous();
    let (_, copied) = place(copied.numbers()).expect("contiguous");
    assert_eq!(copied, [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
}

fn other_types_are_not_f32<T: HostTensor>(device: &<T::Backend as BackendTypes>::Device) {
    let numbers = TensorData::new(vec![1f64, 2.0], [2]);
    let tensor = T::Backend::float_from_data(numbers, device);
    let found = tensor.numbers();
    assert!(
        matches!(found, Some(Numbers::Double([1.0, 2.0]))),
        "{found:?}"
    );
    assert!(tensor.samples().is_none());
}

macro_rules! test {
    ($backend:ident) => {
        mod $backend {
            #[test]
            fn numbers_stay_where_they_are() {
                super::numbers_stay_where_they_are::<crate::host::seam::$backend::Primitive>();
            }

            #[test]
            fn other_types_are_not_f32() {
                super::other_types_are_not_f32::<crate::host::seam::$backend::Primitive>(
                    &Default::default(),
                );
            }
        }
    };
}

#[cfg(feature = "flex")]
test!(flex);
#[cfg(feature = "ndarray")]
test!(ndarray);

/// Samples with a stride are read where they lie, if the backend can.
#[cfg(feature = "flex")]
#[test]
fn a_part_of_the_features_is_not_copied() {
    let numbers: Vec<f32> = (0..6u8).map(f32::from).collect();
    let tensor = crate::host::seam::flex::Primitive::from_numbers(numbers, vec![2, 3]);
    let part = tensor.part(1..3).expect("a view");
    assert!(part.numbers().is_none());
    assert_eq!(part.samples(), Some(&[1.0, 2.0, 3.0, 4.0, 5.0][..]));
    assert_eq!(
        tensor.part(0..1).expect("a view").samples(),
        Some(&[0.0, 1.0, 2.0, 3.0][..])
    );
}
