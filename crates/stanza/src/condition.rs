//! The macro that turns an RFC's table of error conditions into an enum: name on the wire ↔ variant.
//!
//! Used for stanza errors (RFC 6120 §8.3.3), stream errors (§4.9.3) and SASL failures (§6.5), so that the three tables
//! read as tables. It does not know the elements that carry a condition.

/// Declares an enum of conditions with `ALL`, `name`, `from_name` and `Display` (the name on the wire).
macro_rules! conditions {
    (
        $(#[$attribute:meta])*
        pub enum $enum:ident {
            $( $(#[$variant_attribute:meta])* $variant:ident = $name:literal, )+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $enum {
            $( $(#[$variant_attribute])* $variant, )+
        }

        impl $enum {
            /// Every condition, in the order of the RFC.
            pub const ALL: &[Self] = &[ $( Self::$variant, )+ ];

            /// The name of the condition's element.
            pub const fn name(self) -> &'static str {
                match self {
                    $( Self::$variant => $name, )+
                }
            }

            /// The condition whose element has this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $( $name => Some(Self::$variant), )+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $enum {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

pub(crate) use conditions;
