/** The drag data type of a field path. */
export const FIELD_DRAG = 'application/x-crmtenant-field'
