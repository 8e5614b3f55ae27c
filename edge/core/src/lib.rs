//! The edge decision of Nada: request value to Plan value.
