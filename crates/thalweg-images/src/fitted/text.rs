//! A fitted density in words.

use std::fmt;

use crate::FittedImages;

impl fmt::Display for FittedImages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let image = self.image();
        writeln!(
            f,
            "images of {} × {} pixels, {}, {} levels",
            image.height,
            image.width,
            match image.channels {
                1 => "grey".to_owned(),
                3 => "in colour".to_owned(),
                channels => format!("{channels} channels"),
            },
            image.levels
        )?;
        writeln!(f, "{}: {}", self.kind(), self.architecture())?;
        write!(f, "{}", self.summary())
    }
}
