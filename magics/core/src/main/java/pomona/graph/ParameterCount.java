package pomona.graph;

/** How many parameters a stored weight stands for, which may be several in a byte. */
public interface ParameterCount {

    /** A weight that stands for none, since it only says what others mean. */
    ParameterCount NONE = new ParameterCount() {
        @Override
        public long size() {
            return 0;
        }

        @Override
        public long nonZeros() {
            return 0;
        }
    };

    /** A weight that stands for its own elements. */
    static ParameterCount of(Tensor weight) {
        return new ParameterCount() {
            @Override
            public long size() {
                return weight.size();
            }

            @Override
            public long nonZeros() {
                return weight.countNonZeros();
            }
        };
    }

    /** The number of parameters. */
    long size();

    /** The number of parameters that are not zero. */
    long nonZeros();
}
