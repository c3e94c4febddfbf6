package pomona.torchscript;

/** Parts of a tensor whose number the code tells only where it gives them names. */
interface Unpacking {

    /** The part at that place, counted from 0. */
    Symbol part(int index);
}
