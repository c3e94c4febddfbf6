package pomona.pass;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes one option of a technique, on a component of its record. Magics, their help and YAML recipes read it, so
 * that the three spellings have the same names and defaults.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Option {

    /** What the option does, in one line, with its unit and range. */
    String value();

    /** The default as it would be written in YAML; without one the option must be given. */
    String defaultsTo() default REQUIRED;

    /**
     * Whether this is a small share that is written as a percentage: as text a plain number above 0.1 is refused, since {@code
     * 0.5} that is meant as half a percent would be half of all.
     */
    boolean percentage() default false;

    /** Marks an option without a default. */
    String REQUIRED = "\0required";
}
