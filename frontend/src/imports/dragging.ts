/** The kind of what is dragged from the shelf to a column: a field path. */
export const FIELD_DRAG = 'application/x-crmtenant-field'
