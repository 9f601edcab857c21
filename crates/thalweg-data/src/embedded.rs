//! Sets that lie inside the crate; `embed/LICENSES.md` holds their origins and licences.

use crate::{Columns, DataError, Images, Table};

/// A file of the folder `embed`: its name and its bytes.
macro_rules! embedded {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("../embed/", $name)).as_slice(),
        )
    };
}

/// Handwritten digits of 8 × 8 pixels and 17 levels, 1797 of them, with labels 0 to 9.
///
/// E. Alpaydin, C. Kaynak, "Optical recognition of handwritten digits", UCI Machine Learning
/// Repository 80, 1998: the test part, as scikit-learn ships it.
pub fn digits() -> Images {
    sound(
        Images::from_idx_bytes(
            embedded!("digits1797-images-idx3-ubyte.gz"),
            Some(embedded!("digits1797-labels-idx1-ubyte.gz")),
        )
        .and_then(|images| images.with_levels(17)),
    )
}

/// Articles of clothing of 28 × 28 pixels and 256 levels, with labels 0 to 9: the first 2000
/// training and the first 400 test images of Fashion-MNIST.
///
/// H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine
/// learning algorithms", 2017. The whole set is read by [`Images::mnist`].
pub fn fashion_mnist() -> (Images, Images) {
    let train = Images::from_idx_bytes(
        embedded!("fashion2000-train-images-idx3-ubyte.gz"),
        Some(embedded!("fashion2000-train-labels-idx1-ubyte.gz")),
    );
    let test = Images::from_idx_bytes(
        embedded!("fashion400-test-images-idx3-ubyte.gz"),
        Some(embedded!("fashion400-test-labels-idx1-ubyte.gz")),
    );
    (sound(train), sound(test))
}

/// Faces and people in colour of 16 × 16 pixels and 256 levels on white, 997 of them: the people
/// of Noto Emoji.
///
/// [`Images::names`] are short names such as `boy+1F3FB`, where the part after `+` is a skin tone;
/// [`Images::groups`] are the 172 designs, `boy`. The tones of a design differ in colour only, so
/// split by group:
///
/// ```
/// use thalweg_data::{Partition, noto_people};
///
/// let people = noto_people();
/// let split = Partition::by_group(people.groups().unwrap_or_default(), [0.8, 0.1, 0.1], 0)?;
/// let train = people.select(&split.train);
/// # Ok::<(), thalweg_data::DataError>(())
/// ```
pub fn noto_people() -> Images {
    let images = sound(Images::from_idx_bytes(
        embedded!("notoemoji-people-16-idx4-ubyte.gz"),
        None,
    ));
    let (file, bytes) = embedded!("notoemoji-people-names.csv.gz");
    let names = sound(crate::table::text_column(file, bytes, "short_name"));
    let design = |name: &String| name.split('+').next().unwrap_or(name).to_string();
    let groups = names.iter().map(design).collect();
    images.named(names, groups)
}

/// Hourly weather at the airports of New York in 2013: 23,006 rows of temperature, dew point,
/// humidity, wind speed, pressure and visibility, with the widths of their rounding.
///
/// H. Wickham, "nycflights13: flights that departed NYC in 2013", R package.
pub fn nyc_weather() -> Table {
    let (name, bytes) = embedded!("nyc_weather6.csv.gz");
    let table = Table::from_csv_bytes(name, bytes, &Columns::all());
    let widths = vec![0.18, 0.18, 0.05, 1.15, 0.1, 0.05];
    sound(table.and_then(|table| table.with_widths(widths)))
}

/// Penguins of the Palmer archipelago: 342 rows of bill length, bill depth, flipper length (mm)
/// and body mass (g), the species as class.
///
/// A. M. Horst, A. P. Hill, K. B. Gorman, "palmerpenguins: Palmer Archipelago (Antarctica) penguin
/// data", 2020.
pub fn penguins() -> Table {
    let (name, bytes) = embedded!("penguins.csv.gz");
    let measured = [
        "bill_length_mm",
        "bill_depth_mm",
        "flipper_length_mm",
        "body_mass_g",
    ];
    let columns = Columns::named(&measured).with_label("species");
    sound(Table::from_csv_bytes(name, bytes, &columns))
}

/// What an embedded file holds; each function above has a test that reads its files.
fn sound<T>(read: Result<T, DataError>) -> T {
    match read {
        Ok(data) => data,
        Err(error) => unreachable!("an embedded file is damaged: {error}"),
    }
}
